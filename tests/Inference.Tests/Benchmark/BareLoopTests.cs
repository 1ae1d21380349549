using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Inference.Batching;
using Millrace.Inference.Benchmark;
using Millrace.Inference.Sessions;
using Millrace.Inference.Tests.Batching;
using Millrace.Inference.Tests.Models;
using Millrace.Testing;

namespace Millrace.Inference.Tests.Benchmark;

public sealed class BareLoopTests
{
    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(3, new[] { 1, 3 })]
    public async Task The_loops_run_on_the_devices_of_the_engine_alone_and_as_many_as_it_has_streams(int streams, int[] expected)
    {
        using var folder = new TemporaryFolder("bare");
        TinyModels.WriteEncoder(folder.Path);
        // The options say auto, which could be CUDA; the engine is on the CPU.
        await using var engine = new InferenceEngine(
            [.. Enumerable.Range(0, streams).Select(_ => new FaultySession("cpu"))], new EngineOptions(), TimeProvider.System, NullLogger<InferenceEngine>.Instance);
        var loops = BareLoop.Beside(engine, folder.Path, new InferenceOptions(), paddingId: 0);
        Assert.Equal(expected, loops.Select(loop => loop.Streams));
        foreach (var loop in loops)
        {
            loop.Run([.. Enumerable.Range(1, 100).Select(i => Enumerable.Repeat(5, 1 + (i % 9)).ToArray())], batchSize: 7);
            loop.Dispose();
        }
    }

    [Theory]
    [InlineData("cpu", false, 0)]
    [InlineData("cuda:0", true, 0)]
    [InlineData("cuda:3", true, 3)]
    public void A_device_is_known_by_its_name(string name, bool isCuda, int number)
    {
        var device = ModelDevice.Parse(name);
        Assert.Equal(new ModelDevice(isCuda, number), device);
        Assert.Equal(name, device.Name);
    }
}

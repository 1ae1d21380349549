using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Inference.Batching;
using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.GpuEmbedding.Tests;

public sealed class EmbeddingWorkerTests
{
    [Fact]
    public async Task A_batch_from_the_queue_is_answered_with_a_vector_an_item()
    {
        using var folder = new TemporaryFolder("worker");
        EmbeddingHost.WriteModel(folder.Path);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Embedding:ModelFolder"] = folder.Path, ["Embedding:Device"] = "cpu" });
        builder.Services.AddLogging();
        builder.Services.AddMessageBus("memory:");
        builder.AddGpuEmbedding();
        builder.AddEmbeddingWorker();
        using var host = builder.Build();
        await host.StartAsync();
        var reply = await AskAsync(host.Services.GetRequiredService<IMessageBus>(), """
            [{"correlationId":"1:embed","attempt":1,"input":{"text":"the mill","uri":"a"}},{"correlationId":"2:embed","attempt":1,"input":{"uri":"b"}}]
            """);
        var items = JsonSerializer.Deserialize<BatchReply[]>(reply, MillraceJson.Options)!;
        Assert.Equal(4, items[0].Output!.Value.GetProperty("tokens").GetInt32());
        Assert.Equal(EmbeddingHost.Width * 4, items[0].Output!.Value.GetProperty("embedding").GetBytesFromBase64().Length);
        Assert.Equal("text-missing", items[1].Error!.Type);
        await host.StopAsync();
    }

    [Theory]
    [InlineData(2_048, 256, 1, 4_096, 64, 8, 128)] // A heavy model on a CPU.
    [InlineData(2_048, 256, 32, 4_096, 64, 32, 4_096)] // A light one on 32 cores; more calls would leave HTTP no room.
    [InlineData(16_384, 256, 1, 4_096, 64, 8, 512)] // CUDA: the budget has room for 512 posts, the batch for 256.
    [InlineData(16_384, 256, 2, 4_096, 64, 16, 1_024)]
    [InlineData(131_072, 4_096, 1, 65_536, 64, 128, 8_192)]
    [InlineData(320, 256, 1, 4_096, 64, 8, 20)]
    [InlineData(320, 256, 1, 640, 64, 5, 20)]
    [InlineData(16, 256, 1, 10, 5, 1, 2)] // A queue that is smaller than a call takes smaller calls.
    public void The_prefetch_follows_the_budget_the_streams_and_the_queue(
        int budget, int batchItems, int streams, int queue, int textsPerCall, int calls, int messages) => Assert.Equal(
        new WorkerPrefetch(textsPerCall, calls, messages), WorkerPrefetch.For(new BatchLimits(budget, batchItems), streams, queue, textsPerCall: 64));

    [Theory]
    [InlineData(1, 32)]
    [InlineData(3, 96)]
    public async Task The_worker_takes_two_batches_for_each_stream_of_the_loaded_engine(int streams, int prefetch)
    {
        using var folder = new TemporaryFolder("worker");
        EmbeddingHost.WriteModel(folder.Path);
        await using var bus = new RecordingBus(BusFactory.Create("memory:"));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Embedding:ModelFolder"] = folder.Path,
            ["Embedding:Device"] = "cpu",
            ["Embedding:CpuStreams"] = $"{streams}",
            ["Embedding:Batching:MaxBatchTokens"] = "512",
        });
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IMessageBus>(bus);
        builder.AddGpuEmbedding();
        builder.AddEmbeddingWorker();
        using var host = builder.Build();
        await bus.StartAsync(CancellationToken.None);
        await host.StartAsync();
        Assert.Equal(prefetch, bus.PrefetchOf("gpu-embedding"));
        await host.StopAsync();
    }

    private static async Task<string> AskAsync(IMessageBus bus, string batch)
    {
        var answered = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await bus.DeclareQueueAsync("replies", CancellationToken.None);
        await using var replies = await bus.ConsumeAsync(
            new ConsumerOptions { Queue = "replies" },
            (message, _) =>
            {
                answered.TrySetResult(Encoding.UTF8.GetString(message.Body.Span));
                return Task.CompletedTask;
            },
            CancellationToken.None);
        var properties = new MessageProperties
        {
            CorrelationId = "1:embed",
            ReplyTo = "replies",
            ContentType = "application/json",
            Headers = new Dictionary<string, string> { ["batch"] = "2", ["attempt"] = "1" },
        };
        await bus.SendAsync([new OutgoingMessage("", "gpu-embedding", Encoding.UTF8.GetBytes(batch), properties)], CancellationToken.None);
        return await answered.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }
}

using Millrace.Contracts;
using Millrace.Inference.Onnx;
using Millrace.Inference.Sessions;
using Millrace.Inference.Tests.Models;
using Millrace.Testing;

namespace Millrace.Inference.Tests.Sessions;

public sealed class OnnxSessionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("session");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("[ErrorCode:RuntimeException] Non-zero status code returned while running MatMul node. Name:'' Status Message: bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 1073741824")]
    [InlineData("[ErrorCode:RuntimeException] bfc_arena.cc:358 Available memory of 1024 is smaller than requested bytes of 4096")]
    [InlineData("[ErrorCode:Fail] CUDA failure 2: out of memory ; GPU=0 ; hostname=a ; file=cuda_allocator.cc ; line=48 ; expr=cudaMalloc((void**)&p, size);")]
    [InlineData("[ErrorCode:Fail] CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=a")]
    [InlineData("[ErrorCode:RuntimeException] std::bad_alloc")]
    public void A_lack_of_memory_is_known_by_its_words(string message) => Assert.True(OnnxSession.IsOutOfMemory(message));

    [Theory]
    [InlineData("[ErrorCode:InvalidArgument] Non-zero status code returned while running Gather node. Name:'' Status Message: indices element out of data bounds, idx=12 must be within the inclusive range [-12,11]")]
    [InlineData("[ErrorCode:Fail] CUDA failure 700: an illegal memory access was encountered ; GPU=0")]
    public void Other_failures_are_not_taken_for_it(string message) => Assert.False(OnnxSession.IsOutOfMemory(message));

    [Fact]
    public void A_batch_that_no_machine_has_memory_for_is_a_lack_of_memory_and_a_smaller_one_runs()
    {
        using var session = OnnxSession.Open(WriteSquare(), ModelDevice.Cpu, 1, ["out"], paddingId: 0);
        var error = Assert.Throws<DeviceMemoryException>(() => session.Run([new int[6_000_000]]));
        Assert.Contains("1 x 6000000 tokens", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, session.Run([new int[3]]).Columns);
    }

    [Fact]
    public void A_model_that_is_no_text_encoder_does_not_stay_loaded()
    {
        var graph = new OnnxGraph("images");
        graph.FloatOutput(graph.Node("Cast", [graph.Int64Input("pixels", "batch", "columns")], null, ("to", 1L)), "batch", "columns");
        var path = Path.Combine(_folder.Path, "model.onnx");
        graph.Save(path);
        var error = Assert.Throws<ConfigurationException>(() => OnnxSession.Open(path, ModelDevice.Cpu, 1, ["out"], paddingId: 0));
        Assert.Contains("pixels", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Its output for a text of n tokens takes n x n x n values on the way.</summary>
    private string WriteSquare()
    {
        var graph = new OnnxGraph("square");
        var ids = graph.Node("Cast", [graph.Int64Input("input_ids", "batch", "tokens")], null, ("to", 1L));
        var column = graph.Node("Unsqueeze", [ids, graph.Int64s(2)]);
        var square = graph.Node("Add", [column, graph.Node("Unsqueeze", [ids, graph.Int64s(1)])]);
        var cube = graph.Node("Add", [graph.Node("Unsqueeze", [square, graph.Int64s(3)]), graph.Node("Unsqueeze", [square, graph.Int64s(1)])]);
        graph.Node("ReduceMax", [cube, graph.Int64s(1, 2)], "out", ("keepdims", 0L));
        graph.FloatOutput("out", "batch", "tokens");
        var path = Path.Combine(_folder.Path, "square.onnx");
        graph.Save(path);
        return path;
    }
}

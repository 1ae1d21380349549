using Millrace.Inference.Onnx;
using Millrace.Inference.Tests.Tokenizers;

namespace Millrace.Inference.Tests.Models;

/// <summary>Small models with known outputs, written into folders as published ones lie there.</summary>
internal static class TinyModels
{
    public const int Vocabulary = 512;
    public const int Width = 8;

    public static InferenceOptions Cpu { get; } = new() { Device = DeviceKind.Cpu, IntraOpThreads = 1 };

    /// <summary>A two-layer encoder of random weights with a tokenizer; pooling and the rest by the caller.</summary>
    public static void WriteEncoder(string folder, string modelFile = "model.onnx", int seed = 1)
    {
        WriteTokenizer(folder);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, modelFile))!);
        RandomEncoder.Write(Path.Combine(folder, modelFile), new EncoderShape(2, Width, 2, Vocabulary, 64), seed);
        Write(folder, "config.json", """{"model_type":"bert","max_position_embeddings":64}""");
    }

    /// <summary>Its output at each token is the token's id, the double of it, and so on: pooling can be checked by hand.</summary>
    public static void WriteCounting(string folder, string output, bool pooled, bool half = false)
    {
        WriteTokenizer(folder);
        var graph = new OnnxGraph("counting");
        var ids = graph.Int64Input("input_ids", "batch", "tokens");
        var table = Enumerable.Range(0, Vocabulary * Width).Select(i => (float)(i / Width * (1 + (i % Width)))).ToArray();
        var result = graph.Node("Gather", [graph.Floats(table, Vocabulary, Width), ids], pooled || half ? null : output);
        if (pooled)
            result = graph.Node("ReduceMax", [result, graph.Int64s(1)], half ? null : output, ("keepdims", 0L));
        string[] dimensions = pooled ? ["batch", $"{Width}"] : ["batch", "tokens", $"{Width}"];
        if (half)
            graph.HalfOutput(result, output, dimensions);
        else
            graph.FloatOutput(output, dimensions);
        graph.Save(Path.Combine(folder, "model.onnx"));
        Write(folder, "config.json", """{"model_type":"bert","max_position_embeddings":64}""");
    }

    public static void WriteTokenizer(string folder) =>
        Write(folder, "tokenizer.json", SubwordGolden.Value.Tokenizers["bert-lower"].File.GetRawText());

    public static void Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}

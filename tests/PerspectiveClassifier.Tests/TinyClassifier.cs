using Millrace.Inference.Onnx;

namespace Millrace.PerspectiveClassifier.Tests;

/// <summary>A classifier whose scores can be told beforehand: rude words have high logits, the highest word of a text decides.</summary>
internal static class TinyClassifier
{
    /// <summary>What a text without a rude word scores (sigmoid of -3), and what "idiot" does (sigmoid of 3).</summary>
    public const double Low = 0.0474;
    public const double High = 0.9526;

    /// <summary>A word that the vocabulary has and the model's table has not: the runtime fails on it.</summary>
    public const string Breaking = "breaks";

    private static readonly string[] Words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "idiot", "damn", "hello", "world", "you", "."];

    /// <param name="labels">Outputs: toxicity and profanity in Detoxify's words, or three classes.</param>
    public static string Write(string folder, string labels)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Words.Append(Breaking));
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type":"bert","max_position_embeddings":512}""");
        File.WriteAllText(Path.Combine(folder, "labels.json"), labels);
        var graph = new OnnxGraph("tiny");
        var ids = graph.Int64Input("input_ids", "batch", "tokens");
        var table = Enumerable.Repeat(-3f, Words.Length * 2).ToArray();
        table[5 * 2] = 3f;
        table[(6 * 2) + 1] = 3f;
        var vectors = graph.Node("Gather", [graph.Floats(table, Words.Length, 2), ids]);
        graph.Node("ReduceMax", [vectors, graph.Int64s(1)], "logits", ("keepdims", 0L));
        graph.FloatOutput("logits", "batch", "2");
        graph.Save(Path.Combine(folder, "model.onnx"));
        return folder;
    }

    public static string WriteDetoxify(string folder) =>
        Write(folder, """{"activation":"sigmoid","outputs":[{"name":"toxicity"},{"name":"obscene"}],"unavailable":["THREAT"]}""");
}

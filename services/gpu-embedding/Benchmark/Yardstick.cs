using Millrace.Inference.Onnx;

namespace Millrace.GpuEmbedding.Benchmark;

/// <summary>A model folder made on the spot: MiniLM-L6's shape, random weights, a vocabulary of the texts' own words.</summary>
internal static class Yardstick
{
    private const int Seed = 20_240_601;
    private static readonly string[] Specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    public static void Write(string folder, IEnumerable<string> texts)
    {
        Directory.CreateDirectory(folder);
        RandomEncoder.Write(Path.Combine(folder, "model.onnx"), EncoderShape.MiniLmL6, Seed);
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type":"bert","max_position_embeddings":512}""");
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Vocabulary(texts, EncoderShape.MiniLmL6.Vocabulary));
    }

    /// <summary>Frequent words whole, and every printable character as a start and as a continuation, so that rare words are split as usual.</summary>
    private static IEnumerable<string> Vocabulary(IEnumerable<string> texts, int size)
    {
        var characters = Enumerable.Range('!', '~' - '!' + 1).Select(code => ((char)code).ToString()).ToList();
        var words = texts.SelectMany(text => text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(word => word.Length > 1 && word.All(char.IsAsciiLetter))
            .GroupBy(word => word).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.Key);
        return Specials.Concat(characters).Concat(characters.Select(character => $"##{character}")).Concat(words).Take(size);
    }
}

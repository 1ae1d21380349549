using System.Text.Json;
using Millrace.Inference.Tokenizers;
using Millrace.Inference.Tokenizers.Files;
using Millrace.Testing;

namespace Millrace.Inference.Tests.Tokenizers;

/// <summary>What Hugging Face's own tokenizers make of our sentences (see make-golden.cjs).</summary>
internal sealed record SubwordGolden(
    IReadOnlyList<string> Sentences, IReadOnlyDictionary<string, OwnTokenizer> Tokenizers, IReadOnlyDictionary<string, int[][]> Published)
{
    public static SubwordGolden Value { get; } = JsonSerializer.Deserialize<SubwordGolden>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Tokenizers", "subwords.golden.json")), JsonSerializerOptions.Web)!;

    public ITextTokenizer Load(string name) => LoadFile(Tokenizers[name].File.GetRawText());

    /// <summary>Loads the text of a <c>tokenizer.json</c>.</summary>
    public static ITextTokenizer LoadFile(string json)
    {
        using var folder = new TemporaryFolder("tokenizer");
        File.WriteAllText(Path.Combine(folder.Path, TokenizerFolder.TokenizerFile), json);
        return TokenizerFolder.Load(folder.Path);
    }
}

/// <param name="File">A <c>tokenizer.json</c>.</param>
internal sealed record OwnTokenizer(JsonElement File, int[][] Ids);

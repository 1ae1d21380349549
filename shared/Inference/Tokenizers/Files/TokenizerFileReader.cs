using System.Text.Json;

namespace Millrace.Inference.Tokenizers.Files;

/// <summary>Reads Hugging Face's <c>tokenizer.json</c> of the three kinds that text encoders use. What it cannot do exactly it refuses.</summary>
internal static class TokenizerFileReader
{
    private static readonly string[] PaddingNames = ["[PAD]", "<pad>", "<|padding|>", "[pad]"];

    public static ITextTokenizer Read(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = json.RootElement;
        var model = root.Required("model");
        var encoder = Kind(model) switch
        {
            "WordPiece" => WordPieceFile.Read(root, model),
            "BPE" => BytePairFile.Read(root, model),
            "Unigram" => UnigramFile.Read(root, model),
            var other => throw new InvalidDataException($"models of the kind '{other}' are not supported; WordPiece, BPE and Unigram are"),
        };
        var added = ReadAdded(root);
        var size = Math.Max(VocabularySize(model), added.Select(token => token.Id + 1).DefaultIfEmpty().Max());
        return new TextTokenizer(
            encoder, AddedTokens.Create(added, root.Member("normalizer") is not null), TemplateFile.Read(root), Padding(root, added), size);
    }

    /// <summary>Files of early versions do not say the kind.</summary>
    private static string Kind(JsonElement model) => model.Text("type")
        ?? (model.Member("merges") is not null ? "BPE" : model.Required("vocab").ValueKind == JsonValueKind.Array ? "Unigram" : "WordPiece");

    private static int VocabularySize(JsonElement model)
    {
        var vocabulary = model.Required("vocab");
        return vocabulary.ValueKind == JsonValueKind.Array
            ? vocabulary.GetArrayLength()
            : vocabulary.EnumerateObject().Select(entry => entry.Value.GetInt32() + 1).DefaultIfEmpty().Max();
    }

    private static List<AddedToken> ReadAdded(JsonElement root)
    {
        if (root.Member("added_tokens") is not { } list)
            return [];
        return [.. list.EnumerateArray().Select(token => new AddedToken(
            token.Text("content") ?? "",
            token.Required("id").GetInt32(),
            token.Flag("lstrip") ?? false,
            token.Flag("rstrip") ?? false,
            token.Flag("single_word") ?? false,
            token.Flag("normalized") ?? true))];
    }

    private static int Padding(JsonElement root, List<AddedToken> added) =>
        root.Member("padding")?.Number("pad_id") ?? added.Find(token => PaddingNames.Contains(token.Content))?.Id ?? 0;
}

using System.Text.Json;
using Millrace.Inference.Tokenizers.WordPiece;

namespace Millrace.Inference.Tokenizers.Files;

/// <summary>BERT's <c>vocab.txt</c>: one piece a line, its id the line's number; flags are in <c>tokenizer_config.json</c> if there is one.</summary>
internal static class VocabularyFileReader
{
    private static readonly string[] Specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    public static ITextTokenizer Read(string path)
    {
        var ids = new Dictionary<string, int>();
        var next = 0;
        foreach (var line in File.ReadLines(path))
            ids[line.TrimEnd('\r')] = next++;
        int Id(string token) => ids.TryGetValue(token, out var id)
            ? id
            : throw new InvalidDataException($"there is no line '{token}', which every BERT vocabulary has");
        var options = ReadOptions(Path.Combine(Path.GetDirectoryName(path)!, "tokenizer_config.json"));
        var vocabulary = new WordPieceVocabulary(ids, Id("[UNK]"));
        var added = Specials.Where(ids.ContainsKey).Select(token => new AddedToken(token, ids[token], false, false, false, Normalized: false));
        return new TextTokenizer(
            new WordPieceEncoder(vocabulary, options), AddedTokens.Create([.. added], hasNormalizer: true),
            new SequenceTemplate([Id("[CLS]")], [Id("[SEP]")]), Id("[PAD]"), next);
    }

    private static BertNormalizerOptions ReadOptions(string path)
    {
        if (!File.Exists(path))
            return new BertNormalizerOptions();
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = json.RootElement;
        return new BertNormalizerOptions(
            IsolateCjk: root.Flag("tokenize_chinese_chars") ?? true,
            StripAccents: root.Flag("strip_accents"),
            Lowercase: root.Flag("do_lower_case") ?? true);
    }
}

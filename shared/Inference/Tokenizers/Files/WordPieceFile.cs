using System.Text.Json;
using Millrace.Inference.Tokenizers.WordPiece;

namespace Millrace.Inference.Tokenizers.Files;

internal static class WordPieceFile
{
    public static IPieceEncoder Read(JsonElement root, JsonElement model)
    {
        if (root.Member("pre_tokenizer")?.Text("type") is var splitter and not "BertPreTokenizer")
            throw new InvalidDataException($"WordPiece with the pre-tokenizer '{splitter}' is not supported; BertPreTokenizer is");
        var ids = model.Required("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());
        var unknown = model.Text("unk_token") ?? "[UNK]";
        if (!ids.TryGetValue(unknown, out var unknownId))
            throw new InvalidDataException($"the vocabulary lacks the unknown token '{unknown}'");
        var vocabulary = new WordPieceVocabulary(
            ids, unknownId, model.Text("continuing_subword_prefix") ?? "##", model.Number("max_input_chars_per_word") ?? 100);
        return new WordPieceEncoder(vocabulary, ReadNormalizer(root.Member("normalizer")));
    }

    private static BertNormalizerOptions ReadNormalizer(JsonElement? normalizer)
    {
        if (normalizer is not { } flags)
            return new BertNormalizerOptions(CleanText: false, IsolateCjk: false, StripAccents: false, Lowercase: false);
        if (flags.Text("type") is var kind and not "BertNormalizer")
            throw new InvalidDataException($"WordPiece with the normaliser '{kind}' is not supported; BertNormalizer is");
        return new BertNormalizerOptions(
            flags.Flag("clean_text") ?? true,
            flags.Flag("handle_chinese_chars") ?? true,
            flags.Flag("strip_accents"),
            flags.Flag("lowercase") ?? true);
    }
}

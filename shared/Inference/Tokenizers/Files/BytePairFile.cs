using System.Text;
using System.Text.Json;
using Millrace.Inference.Tokenizers.BytePair;

namespace Millrace.Inference.Tokenizers.Files;

internal static class BytePairFile
{
    public static IPieceEncoder Read(JsonElement root, JsonElement model)
    {
        var splitter = root.Required("pre_tokenizer");
        if (splitter.Text("type") is var kind and not "ByteLevel")
            throw new InvalidDataException($"BPE with the pre-tokenizer '{kind}' is not supported; ByteLevel is");
        if (splitter.Flag("use_regex") == false)
            throw new InvalidDataException("BPE with a ByteLevel pre-tokenizer that does not split words (use_regex: false) is not supported");
        var ids = model.Required("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());
        var merges = new BytePairMerges(ids, [.. model.Required("merges").EnumerateArray().Select(ReadMerge)]);
        return new BytePairEncoder(
            ReadBytes(ids), merges, model.Flag("ignore_merges") == true ? ids : null,
            splitter.Flag("add_prefix_space") ?? true, ReadForm(root.Member("normalizer")));
    }

    /// <summary>Written as one text with a space between, or as a pair.</summary>
    private static (string, string) ReadMerge(JsonElement merge)
    {
        if (merge.ValueKind == JsonValueKind.Array)
            return (merge[0].GetString()!, merge[1].GetString()!);
        var parts = merge.GetString()!.Split(' ');
        return parts.Length == 2 ? (parts[0], parts[1]) : throw new InvalidDataException($"'{merge}' is not a merge of two tokens");
    }

    private static int[] ReadBytes(Dictionary<string, int> ids) => [.. ByteAlphabet.Symbols.Select(symbol =>
        ids.TryGetValue(symbol.ToString(), out var id)
            ? id
            : throw new InvalidDataException($"the vocabulary lacks the byte symbol '{symbol}', so it is not byte-level"))];

    private static NormalizationForm? ReadForm(JsonElement? normalizer) => normalizer?.Text("type") switch
    {
        null => null,
        "NFC" => NormalizationForm.FormC,
        "NFKC" => NormalizationForm.FormKC,
        var other => throw new InvalidDataException($"BPE with the normaliser '{other}' is not supported; NFC, NFKC and none are"),
    };
}

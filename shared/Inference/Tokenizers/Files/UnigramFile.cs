using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Millrace.Inference.Tokenizers.Unigram;

namespace Millrace.Inference.Tokenizers.Files;

internal static class UnigramFile
{
    public static IPieceEncoder Read(JsonElement root, JsonElement model)
    {
        if (model.Flag("byte_fallback") == true)
            throw new InvalidDataException("unigram models with byte_fallback are not supported");
        var pieces = model.Required("vocab").EnumerateArray().Select(piece => (piece[0].GetString()!, PieceScore.Parse(piece[1].GetRawText()))).ToList();
        if (model.Number("unk_id") is not { } unknownId || unknownId >= pieces.Count)
            throw new InvalidDataException("unk_id is missing or not in the vocabulary");
        var rules = root.Member("normalizer") is { } normalizer ? ReadRules(normalizer) : [];
        return new UnigramEncoder(
            new UnigramVocabulary(pieces, unknownId), new UnigramNormalizer([.. rules]), ReadMetaspace(root.Required("pre_tokenizer")));
    }

    private static IEnumerable<UnigramNormalizer.Rule> ReadRules(JsonElement normalizer) => normalizer.Text("type") switch
    {
        "Sequence" => normalizer.Required("normalizers").EnumerateArray().SelectMany(ReadRules),
        "Precompiled" when normalizer.Text("precompiled_charsmap") is null or "" => [],
        "Precompiled" => [new UnigramNormalizer.Precompiled(
            new PrecompiledCharsmap(Convert.FromBase64String(normalizer.Text("precompiled_charsmap")!)))],
        "Replace" => [new UnigramNormalizer.Replace(ReadPattern(normalizer.Required("pattern")), normalizer.Text("content") ?? "")],
        "NFC" => [new UnigramNormalizer.Unicode(NormalizationForm.FormC)],
        "NFKC" => [new UnigramNormalizer.Unicode(NormalizationForm.FormKC)],
        var other => throw new InvalidDataException($"unigram with the normaliser '{other}' is not supported"),
    };

    private static Regex ReadPattern(JsonElement pattern) => new(
        pattern.Text("Regex") ?? Regex.Escape(pattern.Text("String") ?? throw new InvalidDataException("a Replace rule has no pattern")),
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static Metaspace ReadMetaspace(JsonElement splitter)
    {
        var parts = splitter.Text("type") == "Sequence" ? [.. splitter.Required("pretokenizers").EnumerateArray()] : new[] { splitter };
        var kinds = parts.Select(part => part.Text("type")).ToList();
        if (kinds is not ["Metaspace"] and not ["WhitespaceSplit", "Metaspace"])
            throw new InvalidDataException(
                $"unigram with the pre-tokenizer '{string.Join(", ", kinds)}' is not supported; Metaspace, alone or after WhitespaceSplit, is");
        var metaspace = parts[^1];
        if (metaspace.Text("replacement") is { } mark && mark != Metaspace.Mark.ToString())
            throw new InvalidDataException($"the metaspace '{mark}' is not supported; '{Metaspace.Mark}' is");
        return new Metaspace(kinds.Count == 2, ReadPrepend(metaspace), metaspace.Flag("split") ?? true);
    }

    private static PrependScheme ReadPrepend(JsonElement metaspace) => metaspace.Text("prepend_scheme") switch
    {
        "always" => PrependScheme.Always,
        "first" => PrependScheme.First,
        "never" => PrependScheme.Never,
        _ => metaspace.Flag("add_prefix_space") == false ? PrependScheme.Never : PrependScheme.Always,
    };
}

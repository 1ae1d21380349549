using System.Text.Json;

namespace Millrace.Inference.Tokenizers.Files;

/// <summary>Reads <c>post_processor</c>: the ids around a single text.</summary>
internal static class TemplateFile
{
    public static SequenceTemplate Read(JsonElement root) =>
        root.Member("post_processor") is { } processor ? ReadProcessor(processor) : SequenceTemplate.None;

    private static SequenceTemplate ReadProcessor(JsonElement processor) => processor.Text("type") switch
    {
        "TemplateProcessing" => ReadTemplate(processor),
        "BertProcessing" or "RobertaProcessing" => new([Pair(processor.Required("cls"))], [Pair(processor.Required("sep"))]),
        "ByteLevel" => SequenceTemplate.None,
        "Sequence" => ReadSequence(processor),
        var other => throw new InvalidDataException($"post-processors of the kind '{other}' are not supported"),
    };

    private static int Pair(JsonElement pair) => pair[1].GetInt32();

    private static SequenceTemplate ReadSequence(JsonElement sequence)
    {
        var parts = sequence.Required("processors").EnumerateArray().Select(ReadProcessor).Where(part => part.SpecialTokens > 0).ToList();
        return parts.Count <= 1
            ? parts.FirstOrDefault(SequenceTemplate.None)
            : throw new InvalidDataException("two post-processors that both add tokens are not supported");
    }

    private static SequenceTemplate ReadTemplate(JsonElement processor)
    {
        List<int> before = [], after = [];
        var side = before;
        foreach (var part in processor.Required("single").EnumerateArray())
        {
            if (part.Member("Sequence") is not null)
                side = after;
            else
                side.AddRange(SpecialIds(processor, part.Required("SpecialToken").Text("id") ?? ""));
        }
        return new SequenceTemplate([.. before], [.. after]);
    }

    private static IEnumerable<int> SpecialIds(JsonElement processor, string name) =>
        processor.Required("special_tokens").Required(name).Required("ids").EnumerateArray().Select(id => id.GetInt32());
}

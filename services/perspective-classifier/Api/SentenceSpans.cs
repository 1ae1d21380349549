namespace Millrace.PerspectiveClassifier.Api;

/// <summary>A text's sentences, which is what span scores are about.</summary>
internal static class SentenceSpans
{
    private const int MaxSpans = 200;

    /// <returns>Begin and end in UTF-16 code units, the end exclusive; what is beyond the limit belongs to the last span.</returns>
    public static IReadOnlyList<(int Begin, int End)> Of(string text)
    {
        var spans = new List<(int, int)>();
        var begin = 0;
        for (var at = 0; at < text.Length && spans.Count < MaxSpans - 1; at++)
        {
            if (!IsEnd(text, at))
                continue;
            Add(spans, text, begin, at + 1);
            begin = at + 1;
        }
        Add(spans, text, begin, text.Length);
        return spans;
    }

    private static bool IsEnd(string text, int at) =>
        text[at] is '\n' or '。' or '！' or '？'
        || (text[at] is '.' or '!' or '?' or '…' && (at + 1 == text.Length || char.IsWhiteSpace(text[at + 1])));

    private static void Add(List<(int, int)> spans, string text, int begin, int end)
    {
        while (begin < end && char.IsWhiteSpace(text[begin]))
            begin++;
        while (end > begin && char.IsWhiteSpace(text[end - 1]))
            end--;
        if (end > begin)
            spans.Add((begin, end));
    }
}

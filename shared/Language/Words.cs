namespace Millrace.Language;

/// <summary>Runs of letters; an apostrophe or a joiner between letters belongs to the word.</summary>
internal static class Words
{
    public static IEnumerable<Range> In(string text)
    {
        var start = -1;
        for (var at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && (IsLetter(text[at]) || (start >= 0 && IsInner(text, at))))
            {
                start = start < 0 ? at : start;
                continue;
            }
            if (start >= 0)
                yield return start..at;
            start = -1;
        }
    }

    private static bool IsLetter(char symbol) =>
        char.IsLetter(symbol) || char.IsSurrogate(symbol)
        || char.GetUnicodeCategory(symbol) is System.Globalization.UnicodeCategory.NonSpacingMark;

    private static bool IsInner(string text, int at) =>
        text[at] is '\'' or '’' or '\u200C' && at + 1 < text.Length && char.IsLetter(text[at + 1]);
}

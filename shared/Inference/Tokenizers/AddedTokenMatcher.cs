using System.Buffers;
using System.Text;

namespace Millrace.Inference.Tokenizers;

/// <summary>Finds the leftmost, and of those at one place the longest, added token.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<string> _contents;

    public AddedTokenMatcher(IReadOnlyList<AddedToken> tokens)
    {
        _longestFirst = [.. tokens.Where(token => token.Content.Length > 0).OrderByDescending(token => token.Content.Length)];
        _contents = SearchValues.Create([.. _longestFirst.Select(token => token.Content)], StringComparison.Ordinal);
    }

    public bool IsEmpty => _longestFirst.Length == 0;

    /// <returns>Where and how long it is; at the end of the text and of length 0 if there is none.</returns>
    /// <param name="text">What is left of a text.</param>
    /// <param name="first">False if something of the text stands before.</param>
    public Match FindFirst(ReadOnlySpan<char> text, bool first)
    {
        var from = 0;
        while (!IsEmpty && from < text.Length)
        {
            var offset = text[from..].IndexOfAny(_contents);
            if (offset < 0)
                break;
            var start = from + offset;
            var token = LongestAt(text[start..]);
            if (!token.SingleWord || StandsAlone(text, start, token.Content.Length, first))
                return Widen(text, start, token);
            from = start + token.Content.Length;
        }
        return new Match(text.Length, 0, 0);
    }

    private AddedToken LongestAt(ReadOnlySpan<char> text)
    {
        foreach (var token in _longestFirst)
        {
            if (text.StartsWith(token.Content, StringComparison.Ordinal))
                return token;
        }
        throw new InvalidOperationException("The search found a token that is not in its list.");
    }

    private static bool StandsAlone(ReadOnlySpan<char> text, int start, int length, bool first)
    {
        var before = start == 0 ? first : !Rune.IsLetterOrDigit(LastRune(text[..start]));
        var end = start + length;
        return before && (end == text.Length || !Rune.IsLetterOrDigit(FirstRune(text[end..])));
    }

    private static Match Widen(ReadOnlySpan<char> text, int start, AddedToken token)
    {
        var end = start + token.Content.Length;
        while (token.LeftStrip && start > 0 && char.IsWhiteSpace(text[start - 1]))
            start--;
        while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
            end++;
        return new Match(start, end - start, token.Id);
    }

    private static Rune FirstRune(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out var rune, out _);
        return rune;
    }

    private static Rune LastRune(ReadOnlySpan<char> text)
    {
        Rune.DecodeLastFromUtf16(text, out var rune, out _);
        return rune;
    }

    internal readonly record struct Match(int Start, int Length, int Id);
}

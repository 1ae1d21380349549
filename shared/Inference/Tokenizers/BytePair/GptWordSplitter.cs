using System.Text;

namespace Millrace.Inference.Tokenizers.BytePair;

/// <summary>
/// GPT-2's pre-tokenizer, by hand: a contraction's ending; else a run of letters, of digits or of other signs, each with one
/// space before; else a run of white space, whose last space is left to what follows.
/// </summary>
internal static class GptWordSplitter
{
    private enum Kind : byte
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <returns>How many characters the first word of <paramref name="text"/> has; at least 1.</returns>
    public static int NextLength(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'' && Contraction(text[1..]) is var ending and > 0)
            return 1 + ending;
        var start = text[0] == ' ' ? 1 : 0;
        if (start < text.Length && KindAt(text[start..], out var used) is var kind and not Kind.Space)
            return start + used + RunLength(text[(start + used)..], kind);
        return SpaceLength(text);
    }

    private static int Contraction(ReadOnlySpan<char> text) => text switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] => 2,
        ['l', 'l', ..] => 2,
        _ => 0,
    };

    private static int RunLength(ReadOnlySpan<char> text, Kind kind)
    {
        var length = 0;
        while (length < text.Length && KindAt(text[length..], out var used) == kind)
            length += used;
        return length;
    }

    private static int SpaceLength(ReadOnlySpan<char> text)
    {
        var length = 1;
        while (length < text.Length && char.IsWhiteSpace(text[length]))
            length++;
        return length == text.Length || length == 1 ? length : length - 1;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int used)
    {
        used = 1;
        var symbol = text[0];
        if (symbol < 128)
            return char.IsAsciiLetter(symbol) ? Kind.Letter : char.IsAsciiDigit(symbol) ? Kind.Number : char.IsWhiteSpace(symbol) ? Kind.Space : Kind.Other;
        Rune.DecodeFromUtf16(text, out var rune, out used);
        return Rune.IsLetter(rune) ? Kind.Letter : Rune.IsNumber(rune) ? Kind.Number : Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Other;
    }
}

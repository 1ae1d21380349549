using System.Globalization;
using System.Text;

namespace Millrace.Preprocessing.Text;

/// <summary>Brings a text to one form in one pass, and says what it had to remove.</summary>
internal static class TextNormalizer
{
    // Stream-safe text (UAX #15 §13): longer runs of marks have no meaning and make normalisation quadratic.
    private const int MaxMarksInARow = 30;

    public static NormalizedText Normalize(string text, int unpairedSurrogates)
    {
        var kept = new StringBuilder(Math.Min(text.Length, 1 << 20));
        var counts = new Counts { UnpairedSurrogates = unpairedSurrogates };
        var space = Space.Start;
        var marks = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsSpace(rune))
            {
                space = space == Space.Start ? Space.Start : rune.Value is '\n' or '\r' or 0x2028 or 0x2029 ? Space.Line : space == Space.Line ? Space.Line : Space.Word;
                continue;
            }
            if (counts.Removes(rune))
                continue;
            marks = IsMark(rune) ? marks + 1 : 0;
            if (marks > MaxMarksInARow)
            {
                counts.StackedMarks++;
                continue;
            }
            Append(kept, space);
            space = Space.None;
            AppendRune(kept, rune);
        }
        return new NormalizedText(kept.ToString().Normalize(NormalizationForm.FormC), counts.ToChanges());
    }

    private static bool IsSpace(Rune rune) => rune.Value == 0x85 || Rune.IsWhiteSpace(rune);

    private static bool IsMark(Rune rune) =>
        rune.Value >= 0x300 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;

    private static void Append(StringBuilder kept, Space space)
    {
        if (space == Space.Line)
            kept.Append('\n');
        else if (space == Space.Word)
            kept.Append(' ');
    }

    private static void AppendRune(StringBuilder kept, Rune rune)
    {
        Span<char> chars = stackalloc char[2];
        kept.Append(chars[..rune.EncodeToUtf16(chars)]);
    }

    private enum Space
    {
        Start,
        None,
        Word,
        Line,
    }

    private struct Counts
    {
        public int UnpairedSurrogates;
        public int StackedMarks;
        private int _nul;
        private int _control;
        private int _invisible;
        private int _direction;

        public bool Removes(Rune rune)
        {
            switch (rune.Value)
            {
                case 0:
                    _nul++;
                    return true;
                case < 0x20 or (>= 0x7F and < 0xA0):
                    _control++;
                    return true;
                case 0xAD or 0x200B or 0x2060 or 0xFEFF:
                    _invisible++;
                    return true;
                case 0x200E or 0x200F or 0x61C or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069):
                    _direction++;
                    return true;
                default:
                    return false;
            }
        }

        public readonly IReadOnlyList<TextChange> ToChanges() =>
        [
            .. new TextChange[]
            {
                new("unpaired-surrogates", UnpairedSurrogates),
                new("nul", _nul),
                new("control-characters", _control),
                new("invisible-characters", _invisible),
                new("direction-marks", _direction),
                new("stacked-marks", StackedMarks),
            }.Where(change => change.Count > 0),
        ];
    }
}

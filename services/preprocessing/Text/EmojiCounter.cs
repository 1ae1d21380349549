namespace Millrace.Preprocessing.Text;

/// <summary>Counts emoji as a reader sees them (UTS #51): sequences joined by ZWJ, flags and skin tones are one.</summary>
internal static class EmojiCounter
{
    private const int Joiner = 0x200D;
    private const int Variation = 0xFE0F;
    private const int KeycapMark = 0x20E3;

    public static int Count(string text)
    {
        var count = 0;
        var joined = false;
        var flagHalf = false;
        foreach (var rune in text.EnumerateRunes())
        {
            var value = rune.Value;
            if (value is >= 0x1F1E6 and <= 0x1F1FF)
            {
                count += flagHalf ? 0 : 1;
                flagHalf = !flagHalf;
                continue;
            }
            flagHalf = false;
            if (value == KeycapMark)
                count++;
            else if (IsPictograph(value))
                count += joined ? 0 : 1;
            joined = value == Joiner || (joined && value == Variation);
        }
        return count;
    }

    private static bool IsPictograph(int value) => value switch
    {
        >= 0x1F3FB and <= 0x1F3FF => false, // skin tones
        >= 0x1F300 and <= 0x1FAFF => true,
        0x1F004 or 0x1F0CF or (>= 0x1F170 and <= 0x1F19A) or (>= 0x1F201 and <= 0x1F265) => true,
        >= 0x2600 and <= 0x27BF => true,
        0x203C or 0x2049 or 0x2139 or 0x231A or 0x231B or 0x2328 or 0x23CF => true,
        (>= 0x2194 and <= 0x21AA) or (>= 0x23E9 and <= 0x23FA) or (>= 0x2B05 and <= 0x2B07) or 0x2B1B or 0x2B1C or 0x2B50 or 0x2B55 => true,
        _ => false,
    };
}

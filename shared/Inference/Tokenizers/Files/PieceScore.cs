using System.Globalization;

namespace Millrace.Inference.Tokenizers.Files;

/// <summary>
/// Reads a log probability as the library that trained and published with these files reads it: digits as one integer, then one division.
/// The last bit may differ from the nearest double, and between two splits of equal likelihood that bit decides.
/// </summary>
internal static class PieceScore
{
    private const int MaxExactPower = 308;

    public static double Parse(ReadOnlySpan<char> text)
    {
        var negative = text.StartsWith('-');
        var digits = negative ? text[1..] : text;
        var mantissa = 0UL;
        var power = 0;
        var fraction = false;
        foreach (var symbol in digits)
        {
            if (symbol == '.')
                fraction = true;
            else if (!char.IsAsciiDigit(symbol) || mantissa > (ulong.MaxValue - 9) / 10)
                return double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            else
            {
                mantissa = (mantissa * 10) + (ulong)(symbol - '0');
                power += fraction ? 1 : 0;
            }
        }
        var value = power > MaxExactPower ? 0 : mantissa / Power(power);
        return negative ? -value : value;
    }

    private static double Power(int power) => double.Parse($"1e{power}", NumberStyles.Float, CultureInfo.InvariantCulture);
}

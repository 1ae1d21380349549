using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Millrace.Contracts;

/// <summary>Durations as people write them: <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>1h</c>, <c>30d</c>, <c>1h30m</c>.</summary>
public static class Duration
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("w", 604800)];

    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty)
            return false;
        while (!rest.IsEmpty)
        {
            if (!TryTakePart(ref rest, out var seconds) || seconds > (TimeSpan.MaxValue - duration).TotalSeconds / 2)
                return false;
            duration += TimeSpan.FromSeconds(seconds);
        }
        return true;
    }

    /// <summary>The shortest way to write it in whole units.</summary>
    public static string Format(TimeSpan duration)
    {
        foreach (var (unit, seconds) in Units.Reverse())
        {
            var amount = duration.TotalSeconds / seconds;
            if (amount >= 1 && amount == Math.Floor(amount))
                return string.Create(CultureInfo.InvariantCulture, $"{amount}{unit}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.###}ms");
    }

    private static bool TryTakePart(ref ReadOnlySpan<char> rest, out double seconds)
    {
        seconds = 0;
        var digits = 0;
        while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.'))
            digits++;
        var letters = digits;
        while (letters < rest.Length && char.IsAsciiLetter(rest[letters]))
            letters++;
        if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            return false;
        var unit = rest[digits..letters];
        rest = rest[letters..];
        foreach (var (name, size) in Units)
        {
            if (unit.SequenceEqual(name))
            {
                seconds = amount * size;
                return true;
            }
        }
        return false;
    }
}

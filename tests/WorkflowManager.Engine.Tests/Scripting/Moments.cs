using System.Globalization;

namespace Millrace.WorkflowManager.Engine.Tests.Scripting;

/// <summary>Moments and durations of scripts: 250ms, 30s, 5m, 1h, counted from the script's beginning.</summary>
internal static class Moments
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1))];

    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TimeSpan Length(string text)
    {
        var (unit, length) = Units.First(each => text.EndsWith(each.Unit, StringComparison.Ordinal) && char.IsAsciiDigit(text[^(each.Unit.Length + 1)]));
        return double.Parse(text[..^unit.Length], CultureInfo.InvariantCulture) * length;
    }

    public static DateTimeOffset At(string text) => Start + Length(text);

    public static string Show(DateTimeOffset? moment) =>
        moment is { } at ? (at - Start).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s" : "-";
}

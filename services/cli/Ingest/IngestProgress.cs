using System.Globalization;

namespace Millrace.Cli.Ingest;

/// <summary>Where an ingest stands.</summary>
/// <param name="Sent">Posts that are durable at the target, were refused, or were sent by an earlier run.</param>
/// <param name="Waiting">Of these, posts that nothing has taken yet.</param>
/// <param name="Total">All posts; null if they come from standard input.</param>
/// <param name="PerSecond">Posts taken a second.</param>
/// <param name="Remaining">Until the last is taken.</param>
/// <param name="Expected">How long all of it was to take by the estimate made before.</param>
internal sealed record IngestProgress(long Sent, long Waiting, long? Total, double? PerSecond, TimeSpan? Remaining, TimeSpan? Expected)
{
    public double Share => Total is > 0 ? Math.Clamp((double)(Sent - Waiting) / Total.Value, 0, 1) : 0;

    public string Describe()
    {
        var parts = new List<string> { Total is { } total ? $"{Count(Sent)} of {Count(total)} posts sent" : $"{Count(Sent)} posts sent" };
        if (Waiting > 0)
            parts.Add($"{Count(Waiting)} waiting");
        if (PerSecond is { } rate)
            parts.Add($"{Count((long)Math.Round(rate))}/s taken");
        if (Remaining is { } remaining && Total is not null)
            parts.Add($"done in {Span(remaining)}" + (Expected is { } expected ? $" (all was estimated at {Span(expected)})" : ""));
        return string.Join(", ", parts);
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Span(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
}

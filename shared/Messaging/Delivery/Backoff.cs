namespace Millrace.Messaging.Delivery;

/// <summary>Pauses that double up to a limit, with a tenth of jitter so that many do not come back as one.</summary>
internal static class Backoff
{
    /// <param name="attempt">From 1.</param>
    public static TimeSpan Delay(int firstMs, int maxMs, int attempt)
    {
        var delay = Math.Min(firstMs * Math.Pow(2, Math.Min(attempt, 30) - 1), maxMs);
        return TimeSpan.FromMilliseconds(delay * (0.9 + (Random.Shared.NextDouble() * 0.1)));
    }
}

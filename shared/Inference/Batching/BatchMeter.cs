namespace Millrace.Inference.Batching;

/// <summary>Sums over the batches that ran.</summary>
/// <param name="Tokens">Without padding.</param>
/// <param name="PaddedTokens">As the device saw them.</param>
/// <param name="BusySeconds">Time in which devices worked.</param>
public sealed record BatchCounts(long Batches, long Texts, long Tokens, long PaddedTokens, double BusySeconds)
{
    /// <summary>The part of the device's work that was padding, 0 to 1.</summary>
    public double PaddingShare => PaddedTokens == 0 ? 0 : 1 - ((double)Tokens / PaddedTokens);
}

/// <summary>Counts what devices do, from which the time that a full queue takes is told.</summary>
internal sealed class BatchMeter(int devices)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private BatchCounts _counts = new(0, 0, 0, 0, 0);

    public Exception? LastFailure { get; private set; }

    public BatchCounts Counts
    {
        get
        {
            lock (_lock)
                return _counts;
        }
    }

    public void Ran(IReadOnlyList<PendingText> texts, TimeSpan duration)
    {
        var tokens = texts.Sum(text => (long)text.Tokens);
        var padded = (long)texts.Max(text => text.Tokens) * texts.Count;
        lock (_lock)
        {
            LastFailure = null;
            _counts = new BatchCounts(
                _counts.Batches + 1, _counts.Texts + texts.Count, _counts.Tokens + tokens, _counts.PaddedTokens + padded,
                _counts.BusySeconds + duration.TotalSeconds);
        }
    }

    public void Failed(Exception error)
    {
        lock (_lock)
            LastFailure = error;
    }

    /// <summary>How long the devices take for so many texts, by what they took until now; 1 s to 1 min.</summary>
    public TimeSpan TimeFor(int texts)
    {
        var counts = Counts;
        var seconds = counts.Texts == 0 ? 1 : counts.BusySeconds / counts.Texts * texts / devices;
        return TimeSpan.FromSeconds(Math.Clamp(seconds, 1, LongestWait.TotalSeconds));
    }
}

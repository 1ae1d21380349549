namespace Millrace.Messaging.Workers;

/// <summary>
/// How long one call of the handler may go on: while anybody waits for one of its inputs, and the worker need not end.
/// </summary>
internal sealed class CallLimit : IAsyncDisposable
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source;
    private ITimer? _timer;
    private IDisposable? _watch;
    private Task _cancelling = Task.CompletedTask;

    private CallLimit(CancellationToken aborting) => _source = CancellationTokenSource.CreateLinkedTokenSource(aborting);

    public CancellationToken Token => _source.Token;

    /// <summary>What the inputs are answered when nobody waits for them any more; null while somebody does.</summary>
    public StepReply? Ending { get; private set; }

    /// <param name="deadlines">One an input; null: somebody waits for ever.</param>
    public static CallLimit Start(
        IReadOnlyList<StepItem> items, IReadOnlyList<DateTimeOffset?> deadlines, CancelledSet cancelled, TimeProvider time,
        CancellationToken aborting)
    {
        var limit = new CallLimit(aborting);
        limit._watch = cancelled.WatchAll(items, () => limit.End(StepReply.Fail(
            StepReply.Cancelled, "the request was cancelled while the handler ran", transient: true)));
        if (deadlines.All(deadline => deadline is not null))
        {
            var left = deadlines.Max()!.Value - time.GetUtcNow();
            limit._timer = time.CreateTimer(
                _ => limit.End(StepReply.Fail(StepReply.Expired, "the deadline passed while the handler ran", transient: true)),
                null, left < TimeSpan.Zero ? TimeSpan.Zero : left > LongestTimer ? LongestTimer : left, Timeout.InfiniteTimeSpan);
        }
        return limit;
    }

    public async ValueTask DisposeAsync()
    {
        _watch?.Dispose();
        if (_timer is not null)
            await _timer.DisposeAsync();
        await _cancelling;
        _source.Dispose();
    }

    private void End(StepReply reply)
    {
        lock (_gate)
        {
            if (Ending is not null)
                return;
            Ending = reply;
            _cancelling = _source.CancelAsync();
        }
    }
}

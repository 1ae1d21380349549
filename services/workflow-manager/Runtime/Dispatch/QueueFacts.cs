using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// How full queues are and who listens, asked for at most once in two seconds a queue. Nobody waits for a broker that is away: whoever
/// asks is told so within a second.
/// </summary>
internal sealed partial class QueueFacts(IMessageBus bus, TimeProvider clock, ILogger<QueueFacts> logger)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, Task<QueueFact> Fact)> _known = new();
    private long _awayTicks;

    public Task<QueueFact> FindAsync(string queue, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        // One look that was in vain speaks for all queues, so that a list of them does not wait for each.
        if (IsFresh(new DateTimeOffset(Volatile.Read(ref _awayTicks), TimeSpan.Zero), now))
            return Task.FromResult(QueueFact.Unreachable);
        var (_, fact) = _known.AddOrUpdate(
            queue, _ => (now, LookAsync(queue)), (_, known) => IsFresh(known.At, now) ? known : (now, LookAsync(queue)));
        return fact.WaitAsync(cancellationToken);
    }

    private static bool IsFresh(DateTimeOffset at, DateTimeOffset now) => now >= at && now - at < Freshness;

    /// <summary>Shared by all who ask, so it ends by its own limit and not when one of them leaves.</summary>
    private async Task<QueueFact> LookAsync(string queue)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        try
        {
            return QueueFact.Of(await bus.InspectAsync(queue, limit.Token).WaitAsync(limit.Token));
        }
        catch (Exception failure)
        {
            // Whatever a broker throws: what is not known must not keep anybody from being answered.
            LogUnreachable(logger, queue, failure.Message);
            if (!bus.IsHealthy)
                Volatile.Write(ref _awayTicks, clock.GetUtcNow().UtcTicks);
            return QueueFact.Unreachable;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Queue {Queue} could not be looked at: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string queue, string reason);
}

/// <summary>What is known of a queue.</summary>
/// <param name="Depth">Null if there is no such queue, or the broker does not answer.</param>
internal readonly record struct QueueFact(QueueDepth? Depth, bool IsReachable)
{
    public static QueueFact Unreachable => new(null, IsReachable: false);

    public bool IsMissing => IsReachable && Depth is null;

    public static QueueFact Of(QueueDepth? depth) => new(depth, IsReachable: true);
}

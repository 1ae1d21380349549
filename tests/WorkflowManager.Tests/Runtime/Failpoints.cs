using Millrace.Messaging;
using Millrace.Storage;
using Millrace.Storage.Documents;
using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>What goes wrong, and where.</summary>
internal enum Fault
{
    None,

    /// <summary>The store refuses, nothing is written.</summary>
    CommitFails,

    /// <summary>Everything is written, but the caller is told that it failed.</summary>
    CommitIsAmbiguous,

    /// <summary>Nothing is sent, and the sender doesn't know.</summary>
    SendIsLost,

    /// <summary>Everything is sent, but the sender doesn't know.</summary>
    SendIsAmbiguous,

    /// <summary>The handler did its work, but its message is delivered again.</summary>
    AckIsLost,
}

/// <summary>Says at each boundary whether the fault strikes there; by a seed, so that a run can be repeated.</summary>
internal sealed class Failpoints(Fault fault, double share, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Struck { get; private set; }

    public int MaxStrikes { get; init; } = int.MaxValue;

    /// <summary>While false nothing breaks.</summary>
    public bool IsArmed { get; set; } = true;

    /// <summary>Null: as many as the store itself has.</summary>
    public int? CommitsAtOnce { get; init; }

    /// <summary>Null: as the store itself is.</summary>
    public bool? IsShared { get; init; }

    /// <summary>A queue that is not there, and may not be made, while this is armed; null: all may be made.</summary>
    public string? Forbidden { get; init; }

    /// <summary>Ends once somebody wanted to make the forbidden queue.</summary>
    public Task Refused => _refused.Task;

    /// <summary>While true the broker answers no look at a queue.</summary>
    public bool IsBrokerAway { get; set; }

    /// <summary>Awaited before the store gets a commit.</summary>
    public Func<IReadOnlyList<RequestChange>, Task> BeforeCommit { get; init; } = _ => Task.CompletedTask;

    /// <summary>The clock of the store's server; null: as the store itself says.</summary>
    public Func<DateTimeOffset>? ReadClock { get; init; }

    /// <summary>Told whose leases have been prolonged.</summary>
    public Action<IReadOnlyList<OutboxTicket>> Renewed { get; init; } = _ => { };

    /// <summary>Awaited before a manager gets what it claimed until the given time.</summary>
    public Func<DateTimeOffset, Task> Claimed { get; init; } = _ => Task.CompletedTask;

    /// <summary>Told which requests the store is to load.</summary>
    public Action<IReadOnlyList<Guid>> Loading { get; init; } = _ => { };

    /// <summary>Told before which moment finished requests are to be removed.</summary>
    public Action<DateTimeOffset> Removing { get; init; } = _ => { };

    public void Refuse() => _refused.TrySetResult();

    public bool Strikes(Fault at)
    {
        lock (_lock)
        {
            if (!IsArmed || Struck == MaxStrikes || at != fault || _random.NextDouble() >= share)
                return false;
            Struck++;
            return true;
        }
    }
}

internal sealed class FailingStore(IMillraceStore inner, Failpoints failpoints) : IMillraceStore, IRequestStore
{
    public IRequestStore Requests => this;

    public IRequestReader Views => this;

    public IDocumentStore Documents => inner.Documents;

    public IResultCache Results => inner.Results;

    public string Description => inner.Description;

    public int CommitsAtOnce => failpoints.CommitsAtOnce ?? inner.CommitsAtOnce;

    public bool IsShared => failpoints.IsShared ?? inner.IsShared;

    public bool CountsAreExact => inner.CountsAreExact;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (failpoints.Strikes(Fault.CommitFails))
            throw new IOException("the disk is on fire");
        await inner.CheckAsync(cancellationToken);
    }

    public Task<DateTimeOffset?> ReadClockAsync(CancellationToken cancellationToken) => failpoints.ReadClock is { } read
        ? Task.FromResult<DateTimeOffset?>(read())
        : inner.ReadClockAsync(cancellationToken);

    public async Task<CommitResult> CommitAsync(
        IReadOnlyList<RequestChange> changes, IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil,
        CancellationToken cancellationToken)
    {
        await failpoints.BeforeCommit(changes);
        if (failpoints.Strikes(Fault.CommitFails))
            throw new IOException("the disk is on fire");
        var result = await inner.Requests.CommitAsync(changes, sent, owner, leaseUntil, cancellationToken);
        return failpoints.Strikes(Fault.CommitIsAmbiguous) ? throw new IOException("the line went dead") : result;
    }

    public Task<RequestVersion?> FindVersionAsync(Guid id, CancellationToken cancellationToken) => inner.Requests.FindVersionAsync(id, cancellationToken);

    public async Task<IReadOnlyList<StoredRequest?>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        failpoints.Loading(ids);
        return await inner.Requests.LoadAsync(ids, cancellationToken);
    }

    public async Task RenewLeaseAsync(
        string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil, CancellationToken cancellationToken)
    {
        await inner.Requests.RenewLeaseAsync(owner, inHand, leaseUntil, cancellationToken);
        failpoints.Renewed(inHand);
    }

    public async Task<IReadOnlyList<UnsentEffects>> ClaimUnsentAsync(
        string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit, CancellationToken cancellationToken)
    {
        var claimed = await inner.Requests.ClaimUnsentAsync(owner, now, leaseUntil, includeOwn, limit, cancellationToken);
        await failpoints.Claimed(leaseUntil);
        return claimed;
    }

    public Task<IReadOnlyList<Guid>> ClaimDueAsync(
        DateTimeOffset now, DateTimeOffset leaseUntil, int limit, CancellationToken cancellationToken) =>
        inner.Requests.ClaimDueAsync(now, leaseUntil, limit, cancellationToken);

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken) =>
        inner.Requests.ListAsync(query, cancellationToken);

    public Task<IReadOnlyList<RequestCount>> CountAsync(CancellationToken cancellationToken) => inner.Requests.CountAsync(cancellationToken);

    public Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(Guid id, long afterVersion, CancellationToken cancellationToken) =>
        inner.Requests.ReadTimelineAsync(id, afterVersion, cancellationToken);

    public Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken) =>
        inner.Requests.ReadChildrenAsync(parentId, step, fromIndex, limit, cancellationToken);

    public Task<int> DeleteFinishedAsync(string workflow, DateTimeOffset finishedBefore, int limit, CancellationToken cancellationToken)
    {
        failpoints.Removing(finishedBefore);
        return inner.Requests.DeleteFinishedAsync(workflow, finishedBefore, limit, cancellationToken);
    }

    /// <summary>What is inside belongs to the test and outlives the manager.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class FailingBus(IMessageBus inner, Failpoints failpoints) : IMessageBus
{
    /// <summary>Told of each look at a queue.</summary>
    public Action Looked { get; init; } = () => { };

    public string Description => inner.Description;

    public bool IsHealthy => inner.IsHealthy && !failpoints.IsBrokerAway;

    public int MaxBodyBytes => inner.MaxBodyBytes;

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public async Task<IReadOnlyList<SendOutcome>> SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var unknown = messages.Select(_ => new SendOutcome(SendOutcomeKind.Unknown, "the line went dead")).ToList();
        if (failpoints.Strikes(Fault.SendIsLost))
            return unknown;
        var lost = messages.Where(message => message.Exchange.Length == 0 && IsForbidden(message.RoutingKey)).ToHashSet();
        var sent = new Queue<SendOutcome>(await inner.SendAsync([.. messages.Where(message => !lost.Contains(message))], cancellationToken));
        var outcomes = messages.Select(message => lost.Contains(message) ? new SendOutcome(SendOutcomeKind.Unroutable, "NO_ROUTE") : sent.Dequeue()).ToList();
        return failpoints.Strikes(Fault.SendIsAmbiguous) ? unknown : outcomes;
    }

    public async Task<SendOutcome> ForwardAsync(
        IncomingMessage message, string exchange, string routingKey, IReadOnlyDictionary<string, string?> headers, CancellationToken cancellationToken) =>
        failpoints.Strikes(Fault.SendIsLost) ? new SendOutcome(SendOutcomeKind.Unknown, "the line went dead")
            : await inner.ForwardAsync(message, exchange, routingKey, headers, cancellationToken);

    public Task LookAsync(string queue, Func<IncomingMessage, Task<LookStep>> see, CancellationToken cancellationToken) =>
        inner.LookAsync(queue, see, cancellationToken);

    public Task DeclareQueueAsync(string queue, CancellationToken cancellationToken)
    {
        if (!IsForbidden(queue))
            return inner.DeclareQueueAsync(queue, cancellationToken);
        failpoints.Refuse();
        throw new InvalidOperationException($"access to queue '{queue}' refused");
    }

    public Task<IAsyncDisposable> ConsumeAsync(
        ConsumerOptions options, Func<IncomingMessage, CancellationToken, Task> handle, CancellationToken cancellationToken) =>
        inner.ConsumeAsync(options, async (message, token) =>
        {
            await handle(message, token);
            if (failpoints.Strikes(Fault.AckIsLost))
                throw new IOException("the acknowledgement was lost");
        }, cancellationToken);

    public async Task<QueueDepth?> InspectAsync(string queue, CancellationToken cancellationToken)
    {
        Looked();
        if (failpoints.IsBrokerAway)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return await inner.InspectAsync(queue, cancellationToken);
    }

    /// <summary>What is inside belongs to the test and outlives the manager.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private bool IsForbidden(string queue) => failpoints.IsArmed && queue == failpoints.Forbidden;
}

using Millrace.Contracts;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// The one place where requests change. What is there is decided in memory and saved in one transaction; only then are effects
/// handed on and senders told. While the store saves one group the next is decided, so neither waits for the other; what may
/// overlap is the law of <see cref="CommitsUnderWay"/>.
/// </summary>
internal sealed class CommitLoop(
    WorkInbox inbox,
    Bell bell,
    GroupPreparer preparer,
    CommitsUnderWay underWay,
    CommitEnding ending,
    IMillraceStore store,
    SentTickets tickets,
    ClockCheck clocks,
    RuntimeMeter meter,
    WorkflowManagerOptions options,
    StoreClock clock)
{
    /// <summary>Works decided at a stretch, so that a commit that has ended is seen to soon.</summary>
    private const int Stretch = 100;

    private static readonly TimeSpan IdleFlush = TimeSpan.FromMilliseconds(100);

    private OpenGroup _group = new(options);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await WaitAsync(cancellationToken);
                while (underWay.TakeEnded() is { } commit)
                {
                    // First, so that the store need not wait for what follows from the last commit.
                    StartIfReady(cancellationToken);
                    await ending.EndAsync(commit, cancellationToken);
                }
                await DecideAsync(cancellationToken);
                StartIfReady(cancellationToken);
            }
        }
        finally
        {
            // Nobody may find the store still writing once the loop has ended.
            await underWay.AllEndedAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (underWay.TakeEnded() is { } commit)
                await ending.EndAsync(commit, cancellationToken);
        }
    }

    /// <summary>Forgets what has been sent; for the end, when no other commit follows.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (tickets.HasSent)
            await SaveAsync([], tickets.Take(), cancellationToken);
    }

    /// <summary>Until there is something to do, be it only to forget what was sent.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!underWay.HasEnded && !inbox.CanTake(_group))
        {
            if (underWay.Count > 0 || !tickets.HasSent)
                await bell.WaitAsync(cancellationToken);
            else if (!await bell.WaitAsync(IdleFlush, cancellationToken))
                Start(cancellationToken);
        }
    }

    private async Task DecideAsync(CancellationToken cancellationToken)
    {
        if (!inbox.CanTake(_group))
            return;
        var queued = inbox.Take(Stretch).Where(each => !underWay.Defer(each)).ToList();
        try
        {
            // Whatever it says: what is decided is then dated by the store's clock, not by one that has jumped.
            await clocks.AgreesAsync(cancellationToken);
            inbox.PutBack(await preparer.DecideAsync(_group, queued, cancellationToken));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // The loop must outlive whatever a store throws when it is read; nothing was decided about these.
            await ending.TryAgainAsync(queued, failure, cancellationToken);
        }
    }

    private void StartIfReady(CancellationToken cancellationToken)
    {
        if (_group.IsEmpty)
            return;
        if (_group.Drafts.Count > 0 && underWay.Count < store.CommitsAtOnce)
            Start(cancellationToken);
        else if (_group.Drafts.Count == 0)
        {
            _group.Tell(new HashSet<Guid>());
            _group = new OpenGroup(options);
        }
    }

    private void Start(CancellationToken cancellationToken)
    {
        var changes = _group.Drafts.Select(draft => draft.Change!).ToList();
        var sent = tickets.Take();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        tickets.Await(ended.Task);
        underWay.Add(new Commit(_group, changes, sent, SaveAsync(changes, sent, cancellationToken), ended));
        _group = new OpenGroup(options);
    }

    private async Task<CommitResult> SaveAsync(
        IReadOnlyList<PreparedChange> changes, IReadOnlyList<OutboxTicket> sent, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var leaseUntil = clock.GetUtcNow().AddSeconds(options.LeaseSeconds);
        FailPoint.Reach("commit.before");
        var result = await store.Requests.CommitAsync(
            [.. changes.Select(change => change.Change)], sent, options.Name, leaseUntil, cancellationToken);
        FailPoint.Reach("commit.after");
        meter.Committed(changes.Count - result.Conflicts.Count, clock.GetElapsedTime(started));
        return result;
    }
}

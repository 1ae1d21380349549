using Millrace.Storage.Requests;

namespace Millrace.Storage.Mongo;

internal sealed class MongoRequestStore(MongoCollections collections, CommitNumbers numbers) : MongoRequestReader(collections), IRequestStore
{
    private readonly Outbox _outbox = new(collections);
    private readonly UnclearCounts _unclear = new(collections);

    public Task<CommitResult> CommitAsync(
        IReadOnlyList<RequestChange> changes, IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil,
        CancellationToken cancellationToken)
    {
        RequestLimits.Check(changes);
        DocumentSize.Check(changes);
        return MongoErrors.RunAsync(async () =>
        {
            await _unclear.SettleAsync(cancellationToken);
            var commit = await numbers.NextAsync(cancellationToken);
            return await new CommitWork(Collections, _outbox, _unclear, changes, commit, cancellationToken).RunAsync(sent, owner, leaseUntil);
        });
    }

    public Task RenewLeaseAsync(
        string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => _outbox.RenewAsync(owner, inHand, leaseUntil, cancellationToken));

    public Task<IReadOnlyList<UnsentEffects>> ClaimUnsentAsync(
        string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => _outbox.ClaimAsync(owner, now, leaseUntil, includeOwn, limit, cancellationToken));

    public Task<IReadOnlyList<Guid>> ClaimDueAsync(
        DateTimeOffset now, DateTimeOffset leaseUntil, int limit, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => DueRequests.ClaimAsync(Collections, now, leaseUntil, limit, cancellationToken));

    public Task<int> DeleteFinishedAsync(string workflow, DateTimeOffset finishedBefore, int limit, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => new Retention(Collections, cancellationToken).RunAsync(workflow, finishedBefore, limit));
}

using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Mongo;

internal sealed class MongoRequestStore(MongoCollections collections, CommitNumbers numbers) : IRequestStore
{
    private readonly Outbox _outbox = new(collections);
    private readonly UnclearCounts _unclear = new(collections);

    public Task<IReadOnlyList<StoredRequest?>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => RequestReader.LoadAsync(collections, ids, cancellationToken));

    public Task<RequestVersion?> FindVersionAsync(Guid id, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => RequestReader.FindVersionAsync(collections, id, cancellationToken));

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
            return await new CommitWork(collections, _outbox, _unclear, changes, commit, cancellationToken).RunAsync(sent, owner, leaseUntil);
        });
    }

    public Task RenewLeaseAsync(
        string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => _outbox.RenewAsync(owner, inHand, leaseUntil, cancellationToken));

    public Task<IReadOnlyList<UnsentEffects>> ClaimUnsentAsync(
        string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => _outbox.ClaimAsync(owner, now, leaseUntil, includeOwn, limit, cancellationToken));

    public Task<IReadOnlyList<Guid>> FindDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => RequestReader.FindDueAsync(collections, now, limit, cancellationToken));

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        RequestLimits.Check(query);
        var after = query.After is { } cursor ? PageCursor.Parse(RequestLister.Adapter, cursor) : (PageCursor?)null;
        return MongoErrors.RunAsync(() => new RequestLister(collections, query, after).ListAsync(cancellationToken));
    }

    public Task<IReadOnlyList<RequestCount>> CountAsync(CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => Counters.ReadAsync(collections, cancellationToken));

    public Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(Guid id, long afterVersion, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => RequestReader.ReadTimelineAsync(collections, id, afterVersion, cancellationToken));

    public Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => RequestReader.ReadChildrenAsync(collections, parentId, step, fromIndex, limit, cancellationToken));

    public Task<int> DeleteFinishedAsync(string workflow, DateTimeOffset finishedBefore, int limit, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => new Retention(collections, cancellationToken).RunAsync(workflow, finishedBefore, limit));
}

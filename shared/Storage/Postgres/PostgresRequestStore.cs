using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Postgres;

internal sealed class PostgresRequestStore(PostgresSession reads, PostgresSession writes) : IRequestStore
{
    public Task<IReadOnlyList<StoredRequest?>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        reads.RunAsync(connection => RequestReader.LoadAsync(connection, ids, cancellationToken), cancellationToken);

    public Task<RequestVersion?> FindVersionAsync(Guid id, CancellationToken cancellationToken) =>
        reads.RunAsync(connection => RequestReader.FindVersionAsync(connection, id, cancellationToken), cancellationToken);

    public Task<CommitResult> CommitAsync(
        IReadOnlyList<RequestChange> changes, IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil,
        CancellationToken cancellationToken)
    {
        RequestLimits.Check(changes);
        return writes.RunAsync(
            connection => new CommitWork(connection, changes, cancellationToken).RunAsync(sent, owner, leaseUntil), cancellationToken);
    }

    public Task RenewLeaseAsync(
        string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil, CancellationToken cancellationToken) =>
        writes.RunAsync(connection => Outbox.RenewAsync(connection, owner, inHand, leaseUntil, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<UnsentEffects>> ClaimUnsentAsync(
        string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit, CancellationToken cancellationToken) =>
        writes.RunAsync(
            connection => Outbox.ClaimAsync(connection, owner, now, leaseUntil, includeOwn, limit, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<Guid>> FindDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        writes.RunAsync(connection => DueRequests.FindAsync(connection, now, limit, cancellationToken), cancellationToken);

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        RequestLimits.Check(query);
        var after = query.After is { } cursor ? PageCursor.Parse(RequestLister.Adapter, cursor) : (PageCursor?)null;
        return reads.RunAsync(connection => new RequestLister(connection, query, after).ListAsync(cancellationToken), cancellationToken);
    }

    public Task<IReadOnlyList<RequestCount>> CountAsync(CancellationToken cancellationToken) =>
        reads.RunAsync(connection => Counters.ReadAsync(connection, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(Guid id, long afterVersion, CancellationToken cancellationToken) =>
        reads.RunAsync(connection => RequestReader.ReadTimelineAsync(connection, id, afterVersion, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken) =>
        reads.RunAsync(
            connection => RequestReader.ReadChildrenAsync(connection, parentId, step, fromIndex, limit, cancellationToken), cancellationToken);

    public Task<int> DeleteFinishedAsync(string workflow, DateTimeOffset finishedBefore, int limit, CancellationToken cancellationToken) =>
        new Retention(writes, workflow, finishedBefore).RunAsync(limit, cancellationToken);
}

using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

internal sealed class SqliteRequestStore(SqliteWriter writer, SqliteReaders readers) : IRequestStore
{
    private readonly CommitWork _commit = new();

    public Task<IReadOnlyList<StoredRequest?>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        readers.RunAsync((database, names) => RequestReader.Load(database, names, ids), cancellationToken);

    public Task<RequestVersion?> FindVersionAsync(Guid id, CancellationToken cancellationToken) =>
        readers.RunAsync((database, names) => RequestReader.FindVersion(database, names, id), cancellationToken);

    public Task<CommitResult> CommitAsync(
        IReadOnlyList<RequestChange> changes, IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil,
        CancellationToken cancellationToken)
    {
        RequestLimits.Check(changes);
        return writer.RunAsync((database, names) => _commit.Run(database, names, changes, sent, owner, leaseUntil), cancellationToken);
    }

    public Task RenewLeaseAsync(
        string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil, CancellationToken cancellationToken) =>
        writer.RunAsync((database, _) => Outbox.Renew(database, owner, inHand, Micros.From(leaseUntil)), cancellationToken);

    public Task<IReadOnlyList<UnsentEffects>> ClaimUnsentAsync(
        string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit, CancellationToken cancellationToken) =>
        writer.RunAsync(
            (database, _) => Outbox.Claim(database, owner, Micros.From(now), Micros.From(leaseUntil), includeOwn, limit), cancellationToken);

    public async Task<IReadOnlyList<Guid>> FindDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        while (await writer.RunAsync((database, _) => DueRequests.Move(database, Micros.From(now), limit), cancellationToken) > 0)
        {
        }
        return await readers.RunAsync((database, _) => DueRequests.Find(database, Micros.From(now), limit), cancellationToken);
    }

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        RequestLimits.Check(query);
        var after = query.After is { } cursor ? PageCursor.Parse(RequestLister.Adapter, cursor) : (PageCursor?)null;
        return readers.RunAsync((database, names) => RequestLister.List(database, names, query, after), cancellationToken);
    }

    public Task<IReadOnlyList<RequestCount>> CountAsync(CancellationToken cancellationToken) =>
        readers.RunAsync(Counters.Read, cancellationToken);

    public Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(Guid id, long afterVersion, CancellationToken cancellationToken) =>
        readers.RunAsync((database, _) => Journal.ReadTimeline(database, id, afterVersion), cancellationToken);

    public Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken) =>
        readers.RunAsync(
            (database, names) => RequestReader.ReadChildren(database, names, parentId, step, fromIndex, limit), cancellationToken);

    public Task<int> DeleteFinishedAsync(string workflow, DateTimeOffset finishedBefore, int limit, CancellationToken cancellationToken) =>
        new Retention(writer, workflow, Micros.From(finishedBefore)).RunAsync(limit, cancellationToken);
}

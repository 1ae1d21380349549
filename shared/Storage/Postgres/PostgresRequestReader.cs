using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Postgres;

internal class PostgresRequestReader(PostgresSession session) : IRequestReader
{
    public Task<IReadOnlyList<StoredRequest?>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        session.RunAsync(connection => RequestReader.LoadAsync(connection, ids, cancellationToken), cancellationToken);

    public Task<RequestVersion?> FindVersionAsync(Guid id, CancellationToken cancellationToken) =>
        session.RunAsync(connection => RequestReader.FindVersionAsync(connection, id, cancellationToken), cancellationToken);

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        RequestLimits.Check(query);
        var after = query.After is { } cursor ? PageCursor.Parse(RequestLister.Adapter, cursor) : (PageCursor?)null;
        return session.RunAsync(connection => new RequestLister(connection, query, after).ListAsync(cancellationToken), cancellationToken);
    }

    public Task<IReadOnlyList<RequestCount>> CountAsync(CancellationToken cancellationToken) =>
        session.RunAsync(connection => Counters.ReadAsync(connection, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(Guid id, long afterVersion, CancellationToken cancellationToken) =>
        session.RunAsync(connection => RequestReader.ReadTimelineAsync(connection, id, afterVersion, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken) =>
        session.RunAsync(
            connection => RequestReader.ReadChildrenAsync(connection, parentId, step, fromIndex, limit, cancellationToken), cancellationToken);
}

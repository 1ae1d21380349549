using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

internal class SqliteRequestReader(SqliteReaders readers) : IRequestReader
{
    protected SqliteReaders Readers { get; } = readers;

    public Task<IReadOnlyList<StoredRequest?>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        Readers.RunAsync((database, names) => RequestReader.Load(database, names, ids), cancellationToken);

    public Task<RequestVersion?> FindVersionAsync(Guid id, CancellationToken cancellationToken) =>
        Readers.RunAsync((database, names) => RequestReader.FindVersion(database, names, id), cancellationToken);

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        RequestLimits.Check(query);
        var after = query.After is { } cursor ? PageCursor.Parse(RequestLister.Adapter, cursor) : (PageCursor?)null;
        return Readers.RunAsync((database, names) => RequestLister.List(database, names, query, after), cancellationToken);
    }

    public Task<IReadOnlyList<RequestCount>> CountAsync(CancellationToken cancellationToken) =>
        Readers.RunAsync(Counters.Read, cancellationToken);

    public Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(Guid id, long afterVersion, CancellationToken cancellationToken) =>
        Readers.RunAsync((database, _) => Journal.ReadTimeline(database, id, afterVersion), cancellationToken);

    public Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken) =>
        Readers.RunAsync(
            (database, names) => RequestReader.ReadChildren(database, names, parentId, step, fromIndex, limit), cancellationToken);
}

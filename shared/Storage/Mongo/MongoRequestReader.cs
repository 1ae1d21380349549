using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Mongo;

internal class MongoRequestReader(MongoCollections collections) : IRequestReader
{
    protected MongoCollections Collections { get; } = collections;

    public Task<IReadOnlyList<StoredRequest?>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => RequestReader.LoadAsync(Collections, ids, cancellationToken));

    public Task<RequestVersion?> FindVersionAsync(Guid id, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => RequestReader.FindVersionAsync(Collections, id, cancellationToken));

    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        RequestLimits.Check(query);
        var after = query.After is { } cursor ? PageCursor.Parse(RequestLister.Adapter, cursor) : (PageCursor?)null;
        return MongoErrors.RunAsync(() => new RequestLister(Collections, query, after).ListAsync(cancellationToken));
    }

    public Task<IReadOnlyList<RequestCount>> CountAsync(CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => Counters.ReadAsync(Collections, cancellationToken));

    public Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(Guid id, long afterVersion, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => RequestReader.ReadTimelineAsync(Collections, id, afterVersion, cancellationToken));

    public Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync(() => RequestReader.ReadChildrenAsync(Collections, parentId, step, fromIndex, limit, cancellationToken));
}

using System.Globalization;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// Pages by merging streams, each a stretch of an index that is already in order of creation: as many as workflows times
/// statuses where the query names neither.
/// </summary>
internal sealed class RequestLister(MongoCollections collections, RequestQuery query, PageCursor? after)
{
    public const char Adapter = 'm';

    private readonly int _direction = query.OldestFirst ? 1 : -1;

    public async Task<RequestPage> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<RequestRecord>();
        foreach (var stream in await StreamsAsync(cancellationToken))
            found.AddRange(await ReadAsync(stream, cancellationToken));
        found.Sort((a, b) => _direction * Compare(a, b));
        var items = found.Take(query.Limit).ToList();
        return new RequestPage(items, found.Count > query.Limit ? Cursor(items[^1]).Format(Adapter) : null);
    }

    // Ids are ordered as their texts, in the store and here.
    private static int Compare(RequestRecord a, RequestRecord b) => a.CreatedAt != b.CreatedAt
        ? a.CreatedAt.CompareTo(b.CreatedAt)
        : string.CompareOrdinal(RequestDocuments.Id(a.Id), RequestDocuments.Id(b.Id));

    private static PageCursor Cursor(RequestRecord record) => new(
        Micros.From(record.CreatedAt), UInt128.Parse(record.Id.ToString("N"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private async Task<IReadOnlyList<BsonDocument>> StreamsAsync(CancellationToken cancellationToken)
    {
        var filter = Filter();
        if (query.ParentId is not null || query.Key is not null)
            return [filter];
        string[] workflows = query.Workflow is { } one ? [one] : await WorkflowsAsync(cancellationToken);
        if (query.ErrorCode is not null || query.ErrorStep is not null)
            return [.. workflows.Select(w => new BsonDocument(filter) { ["workflow"] = RequestDocuments.Text(w) })];
        string[] statuses = query.Status is { } status ? [status] : ["running", "completed", "failed", "cancelled"];
        return
        [
            .. from w in workflows
               from s in statuses
               select new BsonDocument(filter) { ["workflow"] = RequestDocuments.Text(w), ["status"] = s },
        ];
    }

    private BsonDocument Filter()
    {
        var filter = new BsonDocument("top", query.ParentId is null);
        if (query.ParentId is { } parent)
            filter["parent"] = RequestDocuments.Id(parent);
        foreach (var (field, text) in new[]
        {
            ("workflow", query.Workflow), ("status", query.Status), ("key", query.Key), ("error_code", query.ErrorCode),
            ("error_step", query.ErrorStep),
        })
        {
            if (text is not null)
                filter[field] = RequestDocuments.Text(text);
        }
        if (Created() is { ElementCount: > 0 } created)
            filter["created_at"] = created;
        if (after is { } cursor)
            filter["$or"] = Beyond(cursor);
        return filter;
    }

    // The cursor is a bound too, so that a late page begins where it stands in the index.
    private BsonDocument Created()
    {
        var created = new BsonDocument();
        if (query.CreatedBefore is { } before)
            created["$lt"] = Micros.From(before);
        if (after is { } page && !query.OldestFirst)
            created["$lte"] = page.Micros;
        var from = query.CreatedFrom is { } first ? Micros.From(first) : long.MinValue;
        if (after is { } cursor && query.OldestFirst)
            from = Math.Max(from, cursor.Micros);
        if (from > long.MinValue)
            created["$gte"] = from;
        return created;
    }

    private BsonArray Beyond(PageCursor cursor)
    {
        var beyond = query.OldestFirst ? "$gt" : "$lt";
        var id = Guid.ParseExact(cursor.Tie.ToString("x32", CultureInfo.InvariantCulture), "N");
        return
        [
            new BsonDocument("created_at", new BsonDocument(beyond, cursor.Micros)),
            new BsonDocument { ["created_at"] = cursor.Micros, ["_id"] = new BsonDocument(beyond, RequestDocuments.Id(id)) },
        ];
    }

    private async Task<List<RequestRecord>> ReadAsync(BsonDocument filter, CancellationToken cancellationToken)
    {
        var options = new FindOptions<BsonDocument>
        {
            Sort = new BsonDocument { ["created_at"] = _direction, ["_id"] = _direction },
            Limit = query.Limit + 1,
            Projection = new BsonDocument { ["entries"] = 0, ["unsent"] = 0 },
        };
        using var cursor = await collections.Requests.FindAsync(filter, options, cancellationToken);
        return (await cursor.ToListAsync(cancellationToken)).ConvertAll(RequestDocuments.Read);
    }

    // From one workflow to the next by the index, however many requests each has.
    private async Task<string[]> WorkflowsAsync(CancellationToken cancellationToken)
    {
        var found = new List<string>();
        while (true)
        {
            var filter = new BsonDocument("top", true);
            if (found.Count > 0)
                filter["workflow"] = new BsonDocument("$gt", found[^1]);
            var options = new FindOptions<BsonDocument>
            {
                Sort = new BsonDocument("workflow", 1),
                Limit = 1,
                Projection = new BsonDocument("workflow", 1),
            };
            using var cursor = await collections.Requests.FindAsync(filter, options, cancellationToken);
            if (await cursor.FirstOrDefaultAsync(cancellationToken) is not { } next)
                return [.. found];
            found.Add(next["workflow"].AsString);
        }
    }
}

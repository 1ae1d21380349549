using Millrace.Contracts;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

/// <summary>
/// Pages by merging streams: each stream is one stretch of an index that is already in order of creation, so that a first page
/// costs the same at a million requests. There are as many streams as workflows times statuses where the query names neither.
/// </summary>
internal static class RequestLister
{
    public const char Adapter = 's';

    public static RequestPage List(SqliteDatabase database, NameTable names, RequestQuery query, PageCursor? after)
    {
        var found = new List<(long CreatedAt, long No)>();
        foreach (var stream in Streams(database, names, query))
            stream.AddTo(found, query, after);
        found.Sort();
        if (!query.OldestFirst)
            found.Reverse();
        var items = found.Take(query.Limit).Select(f => RequestReader.ReadByNumber(database, names, f.No)!).ToList();
        var next = found.Count > query.Limit ? new PageCursor(found[query.Limit - 1].CreatedAt, (UInt128)found[query.Limit - 1].No) : (PageCursor?)null;
        return new RequestPage(items, next?.Format(Adapter));
    }

    private static IEnumerable<RequestStream> Streams(SqliteDatabase database, NameTable names, RequestQuery query)
    {
        var workflow = query.Workflow is null ? null : names.Find(database, query.Workflow);
        var status = query.Status is null ? null : names.Find(database, query.Status);
        if ((query.Workflow is not null && workflow is null) || (query.Status is not null && status is null))
            return [];
        var filtered = RequestStream.Over(database).WithUnlessNull("workflow = ?", workflow).WithUnlessNull("status = ?", status).WithUnlessNull("key = ?", query.Key)
            .WithUnlessNull("error_code = ?", query.ErrorCode).WithUnlessNull("error_step = ?", query.ErrorStep)
            .WithUnlessNull("created_at >= ?", Micros.From(query.CreatedFrom)).WithUnlessNull("created_at < ?", Micros.From(query.CreatedBefore));
        if (query.ParentId is { } parent)
            return [filtered.From("requests_by_parent").With("parent = ?", parent)];
        filtered = filtered.With("parent IS NULL");
        IReadOnlyList<long> workflows = workflow is { } one ? [one] : Workflows(database);
        if (query.Key is not null)
            return ByKey(names, database, filtered, query.Key, workflows);
        if (query is { ErrorStep: not null, ErrorCode: not null })
            return workflows.Select(w => filtered.From("requests_by_error").With("workflow = ?", w));
        if (query.ErrorStep is not null)
            return workflows.Select(w => filtered.From("requests_by_error_step").With("workflow = ?", w));
        if (query.ErrorCode is not null)
            return workflows.Select(w => filtered.From("requests_by_error_code").With("workflow = ?", w));
        long[] statuses = status is { } single ? [single] : [1, 2, 3, 4];
        return
            from w in workflows
            from s in statuses
            select filtered.From("requests_by_status").With("workflow = ?", w).With("status = ?", s);
    }

    // Most ids follow from workflow and key; an index of keys, in random order, would double the cost of accepting a request.
    private static IEnumerable<RequestStream> ByKey(
        NameTable names, SqliteDatabase database, RequestStream filtered, string key, IReadOnlyList<long> workflows) =>
        workflows.Select(w => filtered.With("own_id = 0").With("id = ?", RequestIds.ForKey(names.Name(database, w), key)))
            .Append(filtered.From("requests_by_key").With("own_id = 1"));

    private static List<long> Workflows(SqliteDatabase database)
    {
        var found = new List<long>();
        while (true)
        {
            using var row = database.Use(
                "SELECT workflow FROM requests INDEXED BY requests_by_status WHERE parent IS NULL AND workflow > ? ORDER BY workflow LIMIT 1")
                .Bind(1, found.Count == 0 ? 0 : found[^1]);
            if (!row.Step())
                return found;
            found.Add(row.Int64(0));
        }
    }
}

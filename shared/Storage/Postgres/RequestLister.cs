using System.Globalization;
using Millrace.Contracts;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

/// <summary>
/// Pages by merging streams: each stream is one stretch of an index that is already in order of creation, so that a first page
/// costs the same at a million requests. There are as many streams as workflows times statuses where the query names neither.
/// </summary>
internal sealed class RequestLister(NpgsqlConnection connection, RequestQuery query, PageCursor? after)
{
    public const char Adapter = 'p';

    private readonly NpgsqlBatchCommand _command = new();
    private readonly List<string> _filters = [];

    public async Task<RequestPage> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> workflows = query.Workflow is { } one ? [one] : await WorkflowsAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var from = Streams(workflows);
        var (direction, _) = Order;
        _command.CommandText =
            $"""
            SELECT {RequestRow.Columns} FROM ({from}) r ORDER BY r.created_at {direction}, r.no {direction} LIMIT {query.Limit + 1}
            """;
        batch.BatchCommands.Add(_command);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var items = new List<RequestRecord>();
        PageCursor? next = null, last = null;
        while (await rows.ReadAsync(cancellationToken))
        {
            if (items.Count == query.Limit)
            {
                next = last;
                break;
            }
            items.Add(RequestRow.Read(rows));
            last = new PageCursor(Micros.From(items[^1].CreatedAt), (UInt128)rows.GetInt64(0));
        }
        return new RequestPage(items, next?.Format(Adapter));
    }

    private (string Direction, char Beyond) Order => query.OldestFirst ? ("ASC", '>') : ("DESC", '<');

    private string Streams(IReadOnlyList<string> workflows)
    {
        AddFilters();
        if (query.ParentId is { } parent)
            return Stream($"q.parent_id = {Parameter(NpgsqlDbType.Uuid, parent)}");
        const string top = "q.parent_id IS NULL";
        if (query.Key is { } key)
        {
            var ids = workflows.Select(w => RequestIds.ForKey(w, key)).ToArray();
            return $"({Stream($"{top} AND NOT q.own_id AND q.id = ANY({Parameter(NpgsqlDbType.Array | NpgsqlDbType.Uuid, ids)})")}) "
                + $"UNION ALL ({Stream($"{top} AND q.own_id")})";
        }
        var each = $"unnest({Parameter(NpgsqlDbType.Array | NpgsqlDbType.Text, workflows.Select(PostgresText.Encode).ToArray())}) w";
        if (query.ErrorCode is not null || query.ErrorStep is not null)
            return $"SELECT l.* FROM {each} CROSS JOIN LATERAL ({Stream($"{top} AND q.workflow = w")}) l";
        string[] statuses = query.Status is { } status ? [status] : ["running", "completed", "failed", "cancelled"];
        each += $" CROSS JOIN unnest({Parameter(NpgsqlDbType.Array | NpgsqlDbType.Text, statuses)}) s";
        return $"SELECT l.* FROM {each} CROSS JOIN LATERAL ({Stream($"{top} AND q.workflow = w AND q.status = s")}) l";
    }

    private string Stream(string where)
    {
        var (direction, _) = Order;
        var all = string.Join(" AND ", _filters.Prepend(where));
        return $"SELECT q.* FROM requests q WHERE {all} ORDER BY q.created_at {direction}, q.no {direction} LIMIT {query.Limit + 1}";
    }

    private void AddFilters()
    {
        if (query is { Status: { } status } && (query.ParentId ?? (object?)query.Key ?? query.ErrorCode ?? query.ErrorStep) is not null)
            Filter("q.status =", status);
        if (query is { Workflow: { } workflow } && (query.ParentId ?? (object?)query.Key) is not null)
            Filter("q.workflow =", workflow);
        if (query.Key is { } key)
            Filter("q.key =", key);
        if (query.ErrorCode is { } code)
            Filter("q.error_code =", code);
        if (query.ErrorStep is { } step)
            Filter("q.error_step =", step);
        if (query.CreatedFrom is { } from)
            _filters.Add($"q.created_at >= {Parameter(NpgsqlDbType.TimestampTz, from.UtcDateTime)}");
        if (query.CreatedBefore is { } before)
            _filters.Add($"q.created_at < {Parameter(NpgsqlDbType.TimestampTz, before.UtcDateTime)}");
        if (after is { } cursor)
        {
            var time = Parameter(NpgsqlDbType.TimestampTz, Micros.ToTime(cursor.Micros).UtcDateTime);
            _filters.Add($"(q.created_at, q.no) {Order.Beyond} ({time}, {Parameter(NpgsqlDbType.Bigint, (long)cursor.Tie)})");
        }
    }

    private void Filter(string condition, string text) => _filters.Add($"{condition} {Parameter(NpgsqlDbType.Text, PostgresText.Encode(text))}");

    private string Parameter<T>(NpgsqlDbType type, T value)
    {
        _command.With(type, value);
        return string.Create(CultureInfo.InvariantCulture, $"${_command.Parameters.Count}");
    }

    // From one workflow to the next by the index, however many requests each has.
    private async Task<IReadOnlyList<string>> WorkflowsAsync(CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            """
            WITH RECURSIVE known AS (
                SELECT (SELECT workflow FROM requests WHERE parent_id IS NULL ORDER BY workflow LIMIT 1) AS name
                UNION ALL
                SELECT (SELECT workflow FROM requests WHERE parent_id IS NULL AND workflow > name ORDER BY workflow LIMIT 1)
                FROM known WHERE name IS NOT NULL)
            SELECT name FROM known WHERE name IS NOT NULL
            """);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(PostgresText.Decode(rows.GetString(0)));
        return found;
    }
}

using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

internal static class RequestReader
{
    public static async Task<IReadOnlyList<StoredRequest?>> LoadAsync(
        NpgsqlConnection connection, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        // One snapshot: outputs must not be newer than the state that they belong to.
        batch.Add("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        batch.Add($"SELECT {RequestRow.Columns} FROM requests r WHERE r.id = ANY($1)").WithArray(NpgsqlDbType.Uuid, ids);
        batch.Add(
            """
            SELECT r.id, j.outputs FROM requests r JOIN journal j ON j.request = r.no
            WHERE r.id = ANY($1) AND j.outputs IS NOT NULL ORDER BY j.request, j.version DESC
            """).WithArray(NpgsqlDbType.Uuid, ids);
        batch.Add("COMMIT");
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<Guid, (RequestRecord Record, List<OutputRecord> Outputs)>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(rows.GetGuid(1), (RequestRow.Read(rows), []));
        await rows.NextResultAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            OutputPacking.AddMissing(rows.GetFieldValue<byte[]>(1), found[rows.GetGuid(0)].Outputs);
        return [.. ids.Select(id => found.TryGetValue(id, out var request) ? new StoredRequest(request.Record, request.Outputs) : null)];
    }

    public static async Task<RequestVersion?> FindVersionAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT version, status FROM requests WHERE id = $1").With(id);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? new RequestVersion(rows.GetInt64(0), rows.GetString(1)) : null;
    }

    public static async Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(
        NpgsqlConnection connection, Guid id, long afterVersion, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            """
            SELECT j.version, j.timeline FROM requests r JOIN journal j ON j.request = r.no
            WHERE r.id = $1 AND j.version > $2 AND j.timeline IS NOT NULL ORDER BY j.version
            """).With(id).With(afterVersion);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var found = new List<TimelineRecord>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(new TimelineRecord(rows.GetInt64(0), rows.GetFieldValue<byte[]>(1)));
        return found;
    }

    public static async Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        NpgsqlConnection connection, Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            """
            SELECT c.parent_index, c.status, c.error_code, c.state, j.outputs
            FROM (SELECT * FROM requests WHERE parent_id = $1 AND parent_step = $2 AND parent_index >= $3 ORDER BY parent_index LIMIT $4) c
            LEFT JOIN journal j ON c.status = 'completed' AND j.request = c.no AND j.outputs IS NOT NULL
            ORDER BY c.parent_index, j.version DESC
            """).With(parentId).With(step).With(NpgsqlDbType.Integer, fromIndex).With(limit);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var found = new List<ChildResult>();
        while (await rows.ReadAsync(cancellationToken))
        {
            if (found.Count == 0 || found[^1].Index != rows.GetInt32(0))
                found.Add(new ChildResult(rows.GetInt32(0), rows.GetString(1), null, RequestRow.Text(rows, 2), rows.GetFieldValue<byte[]>(3)));
            // Newest first: the first body of that name is the one that counts.
            if (found[^1].Result is null && !rows.IsDBNull(4)
                && OutputPacking.Find(rows.GetFieldValue<byte[]>(4), OutputRecord.Result) is { } result)
                found[^1] = found[^1] with { Result = result };
        }
        return found;
    }
}

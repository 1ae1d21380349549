using Npgsql;

namespace Millrace.Storage.Postgres;

internal static class DueRequests
{
    // Rows that others hold now are moving anyway.
    private const string MoveBounds =
        """
        UPDATE requests SET wake_at = due_at WHERE id IN (
            SELECT id FROM requests WHERE wake_at IS DISTINCT FROM due_at AND id IN (
                SELECT id FROM requests WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2) FOR UPDATE SKIP LOCKED)
        """;

    private const string Find = "SELECT id FROM requests WHERE wake_at <= $1 AND due_at <= $1 ORDER BY wake_at LIMIT $2";

    /// <summary>
    /// Moves bounds that have passed to the times that they stand for, a page at a time from the earliest, until the first page holds
    /// nothing but such times: what lies behind it can't be due earlier. However many have passed, no statement is longer than a page.
    /// </summary>
    public static async Task<IReadOnlyList<Guid>> FindAsync(
        NpgsqlConnection connection, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        while (await MoveAsync(connection, now, limit, cancellationToken) > 0)
        {
        }
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Find).With(now).With(limit);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var due = new List<Guid>();
        while (await rows.ReadAsync(cancellationToken))
            due.Add(rows.GetGuid(0));
        return due;
    }

    private static async Task<int> MoveAsync(NpgsqlConnection connection, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(MoveBounds).With(now).With(limit);
        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}

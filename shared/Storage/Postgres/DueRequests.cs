using Npgsql;

namespace Millrace.Storage.Postgres;

internal static class DueRequests
{
    /// <summary>Moves the bounds that have passed to the times that they stand for; rows that others hold now are moving anyway.</summary>
    public static async Task<IReadOnlyList<Guid>> FindAsync(
        NpgsqlConnection connection, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            """
            UPDATE requests SET wake_at = due_at WHERE id IN (
                SELECT id FROM requests WHERE wake_at <= $1 AND wake_at IS DISTINCT FROM due_at FOR UPDATE SKIP LOCKED)
            """).With(now);
        batch.Add("SELECT id FROM requests WHERE wake_at <= $1 AND due_at <= $1 ORDER BY due_at, id LIMIT $2").With(now).With(limit);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var due = new List<Guid>();
        while (await rows.ReadAsync(cancellationToken))
            due.Add(rows.GetGuid(0));
        return due;
    }
}

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

    // Of managers that claim together each takes what the others have not.
    private const string Claim =
        """
        WITH page AS MATERIALIZED (
            SELECT id, due_at FROM requests WHERE wake_at <= $1 AND due_at <= $1 ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        UPDATE requests r SET wake_at = $3 FROM page WHERE r.id = page.id RETURNING r.id, page.due_at
        """;

    /// <summary>
    /// Moves bounds that have passed to the times that they stand for, a page at a time from the earliest, until the first page holds
    /// nothing but such times: what lies behind it can't be due earlier. However many have passed, no statement is longer than a page.
    /// The end of the lease is the next bound of what is claimed; a transition that leaves the request due before it moves the bound back.
    /// </summary>
    public static async Task<IReadOnlyList<Guid>> ClaimAsync(
        NpgsqlConnection connection, DateTimeOffset now, DateTimeOffset leaseUntil, int limit, CancellationToken cancellationToken)
    {
        while (await MoveAsync(connection, now, limit, cancellationToken) > 0)
        {
        }
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Claim).With(now).With(limit).With(leaseUntil);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var due = new List<(DateTime At, Guid Id)>();
        while (await rows.ReadAsync(cancellationToken))
            due.Add((rows.GetDateTime(1), rows.GetGuid(0)));
        return [.. due.OrderBy(request => request.At).Select(request => request.Id)];
    }

    private static async Task<int> MoveAsync(NpgsqlConnection connection, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(MoveBounds).With(now).With(limit);
        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}

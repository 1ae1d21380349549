using Millrace.Storage.Packing;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

/// <summary>
/// Removes finished requests in small transactions. The deepest children go first, so that what is left after a crash is found
/// again; requests that another manager is removing are left to it, and those with unsent effects stay.
/// </summary>
internal sealed class Retention(PostgresSession session, string workflow, DateTimeOffset finishedBefore)
{
    private const int RowsPerTransaction = 500;

    /// <summary>With more commits unsent nothing is removed: they are to go first.</summary>
    private const int MaxUnsent = 20_000;

    public async Task<int> RunAsync(int limit, CancellationToken cancellationToken)
    {
        if (await session.RunAsync(connection => FindUnsentAsync(connection, cancellationToken), cancellationToken) is not { } unsent)
            return 0;
        var removed = 0;
        while (removed < limit)
        {
            var most = Math.Min(limit - removed, RowsPerTransaction);
            var (parents, rows) = await session.RunAsync(connection => RemoveSomeAsync(connection, unsent, most, cancellationToken), cancellationToken);
            removed += parents;
            if (rows == 0)
                break;
        }
        return removed;
    }

    /// <returns>Requests with unsent effects; null if there are too many to ask.</returns>
    private static async Task<Guid[]?> FindUnsentAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT effects FROM outbox LIMIT $1").With(MaxUnsent + 1);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var (unsent, commits) = (new HashSet<Guid>(), 0);
        for (; await rows.ReadAsync(cancellationToken); commits++)
            unsent.UnionWith(EffectPacking.Requests(rows.GetFieldValue<byte[]>(0)));
        return commits > MaxUnsent ? null : [.. unsent];
    }

    private async Task<(int Parents, int Rows)> RemoveSomeAsync(NpgsqlConnection connection, Guid[] unsent, int limit, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var parents = await FindAsync(connection, FinishedQuery(unsent, limit), cancellationToken);
        var deepest = parents;
        while (deepest.Count > 0 && await FindAsync(connection, ChildrenQuery(deepest), cancellationToken) is { Count: > 0 } children)
            deepest = children;
        if (deepest.Count > 0)
            await RemoveAsync(connection, deepest, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (ReferenceEquals(deepest, parents) ? parents.Count : 0, deepest.Count);
    }

    private Action<NpgsqlBatch> FinishedQuery(Guid[] unsent, int limit) => batch => batch.Add(
        """
        SELECT no, id, workflow FROM requests WHERE parent_id IS NULL AND workflow = $1 AND status IN ('completed', 'failed', 'cancelled')
            AND created_at < $2 AND finished_at < $2 AND id <> ALL($4) LIMIT $3 FOR UPDATE SKIP LOCKED
        """).With(workflow).With(finishedBefore).With(limit).WithArray(NpgsqlDbType.Uuid, unsent);

    private static Action<NpgsqlBatch> ChildrenQuery(List<Doomed> parents) => batch => batch.Add(
        "SELECT no, id, workflow FROM requests WHERE parent_id = ANY($1) LIMIT $2 FOR UPDATE")
        .WithArray(NpgsqlDbType.Uuid, parents.Select(p => p.Id)).With(RowsPerTransaction);

    private static async Task<List<Doomed>> FindAsync(
        NpgsqlConnection connection, Action<NpgsqlBatch> query, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        query(batch);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var found = new List<Doomed>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(new Doomed(rows.GetInt64(0), rows.GetGuid(1), PostgresText.Decode(rows.GetString(2))));
        return found;
    }

    private static async Task RemoveAsync(NpgsqlConnection connection, List<Doomed> doomed, CancellationToken cancellationToken)
    {
        await using var removal = new NpgsqlBatch(connection);
        removal.Add("DELETE FROM journal WHERE request = ANY($1) RETURNING request, counts").WithArray(NpgsqlDbType.Bigint, doomed.Select(d => d.No));
        removal.Add("DELETE FROM requests WHERE id = ANY($1)").WithArray(NpgsqlDbType.Uuid, doomed.Select(d => d.Id));
        var workflows = doomed.ToDictionary(d => d.No, d => d.Workflow);
        var totals = new CountTotals();
        await using (var rows = await removal.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                if (!rows.IsDBNull(1))
                    CountPacking.Subtract(rows.GetFieldValue<byte[]>(1), workflows[rows.GetInt64(0)], totals);
            }
        }
        if (totals.Moved() is not { Count: > 0 } moved)
            return;
        await using var counters = new NpgsqlBatch(connection);
        Counters.Move(counters, moved);
        await counters.ExecuteNonQueryAsync(cancellationToken);
    }

    private readonly record struct Doomed(long No, Guid Id, string Workflow);
}

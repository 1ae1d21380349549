using Millrace.Storage.Packing;

namespace Millrace.Storage.Sqlite;

/// <summary>
/// Removes finished requests in transactions small enough that commits pass between them. Children go before their parent,
/// so that what is left after a crash is found again. Requests with unsent effects stay.
/// </summary>
internal sealed class Retention(SqliteWriter writer, string workflow, long finishedBefore)
{
    private const int RowsPerTransaction = 200;

    /// <summary>With more commits unsent nothing is removed: they are to go first.</summary>
    private const int MaxUnsent = 20_000;

    public async Task<int> RunAsync(int limit, CancellationToken cancellationToken)
    {
        if (await writer.RunAsync((database, _) => FindUnsent(database), cancellationToken) is not { } unsent)
            return 0;
        var removed = 0;
        while (removed < limit)
        {
            var (parents, rows) = await writer.RunAsync(
                (database, names) => RemoveSome(database, names, unsent, Math.Min(limit - removed, RowsPerTransaction)), cancellationToken);
            removed += parents;
            if (rows == 0)
                break;
        }
        return removed;
    }

    /// <returns>Requests with unsent effects; null if there are too many to ask.</returns>
    private static HashSet<Guid>? FindUnsent(SqliteDatabase database)
    {
        var (unsent, commits) = (new HashSet<Guid>(), 0);
        using var rows = database.Use("SELECT effects FROM outbox LIMIT ?").Bind(1, MaxUnsent + 1);
        for (; rows.Step(); commits++)
            unsent.UnionWith(EffectPacking.Requests(rows.Blob(0)));
        return commits > MaxUnsent ? null : unsent;
    }

    private (int Parents, int Rows) RemoveSome(SqliteDatabase database, NameTable names, HashSet<Guid> unsent, int limit)
    {
        var totals = new CountTotals();
        var (parents, rows) = (0, 0);
        foreach (var request in FindFinished(database, names, unsent, limit))
        {
            rows += RemoveChildren(database, names, request.Id, RowsPerTransaction - rows, totals);
            if (rows >= RowsPerTransaction)
                break;
            Remove(database, names, request, totals);
            (parents, rows) = (parents + 1, rows + 1);
        }
        Counters.Move(database, names, totals.Moved());
        return (parents, rows);
    }

    // A request is created before it finishes, so the index by time of creation finds it without another index to keep.
    private List<Doomed> FindFinished(SqliteDatabase database, NameTable names, HashSet<Guid> unsent, int limit)
    {
        var found = new List<Doomed>();
        if (names.Find(database, workflow) is not { } number)
            return found;
        foreach (var status in new long[] { 2, 3, 4 })
        {
            found.AddRange(Doomed.Read(database.Use(
                """
                SELECT no, id, last_journal, workflow FROM requests INDEXED BY requests_by_status
                WHERE parent IS NULL AND workflow = ?1 AND status = ?2 AND created_at < ?3 AND finished_at < ?3 ORDER BY created_at LIMIT ?4
                """).Bind(1, number).Bind(2, status).Bind(3, finishedBefore).Bind(4, limit - found.Count + unsent.Count)).Where(request => !unsent.Contains(request.Id)).Take(limit - found.Count));
        }
        return found;
    }

    /// <returns>How many were removed; fewer than the budget means that none is left.</returns>
    private static int RemoveChildren(SqliteDatabase database, NameTable names, Guid parent, int budget, CountTotals totals)
    {
        var removed = 0;
        foreach (var child in Doomed.Read(
            database.Use("SELECT no, id, last_journal, workflow FROM requests WHERE parent = ? LIMIT ?").Bind(1, parent).Bind(2, budget)))
        {
            removed += RemoveChildren(database, names, child.Id, budget - removed, totals);
            if (removed >= budget)
                break;
            Remove(database, names, child, totals);
            removed++;
        }
        return removed;
    }

    private static void Remove(SqliteDatabase database, NameTable names, Doomed request, CountTotals totals)
    {
        Journal.Delete(database, request.LastJournal, names.Name(database, request.Workflow), totals);
        database.Use("DELETE FROM requests WHERE no = ?").Bind(1, request.No).Run();
    }

    private readonly record struct Doomed(long No, Guid Id, long LastJournal, long Workflow)
    {
        public static List<Doomed> Read(SqliteStatement rows)
        {
            var found = new List<Doomed>();
            using (rows)
            {
                while (rows.Step())
                    found.Add(new Doomed(rows.Int64(0), rows.Id(1), rows.Int64(2), rows.Int64(3)));
            }
            return found;
        }
    }
}

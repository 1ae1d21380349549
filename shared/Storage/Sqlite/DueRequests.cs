namespace Millrace.Storage.Sqlite;

internal static class DueRequests
{
    /// <summary>Moves the bounds that have passed to the times that they stand for; then the index holds the truth up to now.</summary>
    public static IReadOnlyList<Guid> Find(SqliteDatabase database, long now, int limit)
    {
        database.Use("UPDATE requests SET wake_at = due_at WHERE status = 1 AND wake_at <= ? AND wake_at IS NOT due_at").Bind(1, now).Run();
        var due = new List<Guid>();
        using var rows = database.Use("SELECT id FROM requests WHERE status = 1 AND wake_at <= ? ORDER BY wake_at LIMIT ?")
            .Bind(1, now).Bind(2, limit);
        while (rows.Step())
            due.Add(rows.Id(0));
        return due;
    }
}

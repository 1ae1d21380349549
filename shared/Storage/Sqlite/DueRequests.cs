namespace Millrace.Storage.Sqlite;

/// <summary>
/// Bounds that have passed are moved to the times that they stand for, a page at a time from the earliest, until the first page holds
/// nothing but such times: what lies behind it can't be due earlier. Each page is a transaction, so that commits get between them.
/// </summary>
internal static class DueRequests
{
    /// <returns>How many were moved; none once the first page holds the truth.</returns>
    public static int Move(SqliteDatabase database, long now, int limit) => database.Use(
        """
        UPDATE requests SET wake_at = due_at WHERE wake_at IS NOT due_at AND no IN (
            SELECT no FROM requests WHERE status = 1 AND wake_at <= ? ORDER BY wake_at LIMIT ?)
        """).Bind(1, now).Bind(2, limit).Run();

    public static IReadOnlyList<Guid> Find(SqliteDatabase database, long now, int limit)
    {
        var due = new List<Guid>();
        using var rows = database.Use("SELECT id FROM requests WHERE status = 1 AND wake_at <= ? AND due_at <= ? ORDER BY wake_at LIMIT ?")
            .Bind(1, now).Bind(2, now).Bind(3, limit);
        while (rows.Step())
            due.Add(rows.Id(0));
        return due;
    }
}

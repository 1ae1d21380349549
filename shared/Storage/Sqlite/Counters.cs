using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

internal static class Counters
{
    public static void Move(SqliteDatabase database, NameTable names, IReadOnlyList<RequestCount> moved)
    {
        foreach (var count in moved)
        {
            database.Use(
                """
                INSERT INTO counts (workflow, step, status, count) VALUES (?, ?, ?, ?)
                ON CONFLICT (workflow, step, status) DO UPDATE SET count = count + excluded.count
                """)
                .Bind(1, names.Number(database, count.Workflow)).Bind(2, names.Number(database, count.Step))
                .Bind(3, names.Number(database, count.Status)).Bind(4, count.Count).Run();
        }
    }

    public static IReadOnlyList<RequestCount> Read(SqliteDatabase database, NameTable names)
    {
        var found = new List<RequestCount>();
        using var rows = database.Use("SELECT workflow, step, status, count FROM counts WHERE count <> 0");
        while (rows.Step())
        {
            found.Add(new RequestCount(
                names.Name(database, rows.Int64(0)), names.Name(database, rows.Int64(1)), names.Name(database, rows.Int64(2)), rows.Int64(3)));
        }
        return found;
    }
}

using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

internal static class RequestReader
{
    private const string Columns =
        "no, id, version, status, workflow, definition, last_output, created_at, updated_at, finished_at, due_at, "
        + "parent, parent_step, parent_index, key, error_code, error_step, state";

    public static IReadOnlyList<StoredRequest?> Load(SqliteDatabase database, NameTable names, IReadOnlyList<Guid> ids)
    {
        var found = new StoredRequest?[ids.Count];
        for (var i = 0; i < ids.Count; i++)
        {
            using var row = database.Use($"SELECT {Columns} FROM requests WHERE id = ?").Bind(1, ids[i]);
            if (row.Step())
                found[i] = new StoredRequest(Read(database, names, row), Journal.ReadOutputs(database, row.Int64(6)));
        }
        return found;
    }

    public static RequestVersion? FindVersion(SqliteDatabase database, NameTable names, Guid id)
    {
        using var row = database.Use("SELECT version, status FROM requests WHERE id = ?").Bind(1, id);
        return row.Step() ? new RequestVersion(row.Int64(0), names.Name(database, row.Int64(1))) : null;
    }

    public static RequestRecord? ReadByNumber(SqliteDatabase database, NameTable names, long no)
    {
        using var row = database.Use($"SELECT {Columns} FROM requests WHERE no = ?").Bind(1, no);
        return row.Step() ? Read(database, names, row) : null;
    }

    public static IReadOnlyList<ChildResult> ReadChildren(
        SqliteDatabase database, NameTable names, Guid parentId, string step, int fromIndex, int limit)
    {
        var found = new List<ChildResult>();
        if (names.Find(database, step) is not { } stepNumber)
            return found;
        using var rows = database.Use(
            """
            SELECT parent_index, status, error_code, last_output, state FROM requests
            WHERE parent = ? AND parent_step = ? AND parent_index >= ? ORDER BY parent_index LIMIT ?
            """).Bind(1, parentId).Bind(2, stepNumber).Bind(3, fromIndex).Bind(4, limit);
        while (rows.Step())
        {
            var status = names.Name(database, rows.Int64(1));
            var result = status == "completed" ? Journal.FindOutput(database, rows.Int64(3), OutputRecord.Result) : null;
            found.Add(new ChildResult(
                rows.Int32(0), status, result is null ? null : (ReadOnlyMemory<byte>?)result, rows.Text(2), rows.Blob(4)));
        }
        return found;
    }

    private static RequestRecord Read(SqliteDatabase database, NameTable names, SqliteStatement row) => new()
    {
        Id = row.Id(1),
        Version = row.Int64(2),
        Status = names.Name(database, row.Int64(3)),
        Workflow = names.Name(database, row.Int64(4)),
        DefinitionHash = names.Name(database, row.Int64(5)),
        CreatedAt = Micros.ToTime(row.Int64(7)),
        UpdatedAt = Micros.ToTime(row.Int64(8)),
        FinishedAt = row.Time(9),
        DueAt = row.Time(10),
        Parent = row.IsNull(11) ? null : new ParentReference(row.Id(11), names.Name(database, row.Int64(12)), row.Int32(13)),
        Key = row.Text(14),
        ErrorCode = row.Text(15),
        ErrorStep = row.Text(16),
        State = row.Blob(17),
    };
}

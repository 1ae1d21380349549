using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

/// <summary>What the writer must know of a request's stored row before it replaces it.</summary>
internal readonly record struct StoredRow(
    long No, long Version, long Status, long LastJournal, long LastOutput, long? WakeAt, bool HasError)
{
    public static StoredRow? Find(SqliteDatabase database, Guid id)
    {
        using var row = database.Use(
            "SELECT no, version, status, last_journal, last_output, wake_at, error_code IS NOT NULL OR error_step IS NOT NULL FROM requests WHERE id = ?")
            .Bind(1, id);
        if (!row.Step())
            return null;
        return new StoredRow(
            row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4), row.NullableInt64(5), row.Int64(6) != 0);
    }

    /// <summary>True if the next row differs in no indexed column: it stays running and is not due before it is looked at anyway.</summary>
    public bool MovesAlone(RequestRecord next) =>
        Status == NameTable.Running && next.Status == "running" && !HasError && next.ErrorCode is null && next.ErrorStep is null
        && next.FinishedAt is null && (next.DueAt is not { } due || WakeAt <= Micros.From(due));
}

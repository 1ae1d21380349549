using Millrace.Storage.Requests;
using Npgsql;

namespace Millrace.Storage.Postgres;

internal static class RequestRow
{
    public const string Columns =
        "r.no, r.id, r.version, r.status, r.workflow, r.definition_hash, r.created_at, r.updated_at, r.finished_at, r.due_at, "
        + "r.parent_id, r.parent_step, r.parent_index, r.key, r.error_code, r.error_step, r.state";

    public static RequestRecord Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(1),
        Version = row.GetInt64(2),
        Status = row.GetString(3),
        Workflow = PostgresText.Decode(row.GetString(4)),
        DefinitionHash = PostgresText.Decode(row.GetString(5)),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(6),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(7),
        FinishedAt = Time(row, 8),
        DueAt = Time(row, 9),
        Parent = row.IsDBNull(10) ? null : new ParentReference(row.GetGuid(10), PostgresText.Decode(row.GetString(11)), row.GetInt32(12)),
        Key = Text(row, 13),
        ErrorCode = Text(row, 14),
        ErrorStep = Text(row, 15),
        State = row.GetFieldValue<byte[]>(16),
    };

    public static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : PostgresText.Decode(row.GetString(column));

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}

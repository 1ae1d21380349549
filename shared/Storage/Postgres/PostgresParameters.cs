using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

/// <summary>Positional parameters of one statement, typed so that nothing is inferred or boxed per row.</summary>
internal static class PostgresParameters
{
    public static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command;
    }

    public static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, NpgsqlDbType type, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { NpgsqlDbType = type, TypedValue = value });
        return command;
    }

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, string text) =>
        command.With(NpgsqlDbType.Text, PostgresText.Encode(text));

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, long value) => command.With(NpgsqlDbType.Bigint, value);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, ReadOnlyMemory<byte> bytes) => command.With(NpgsqlDbType.Bytea, bytes);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, Guid id) => command.With(NpgsqlDbType.Uuid, id);

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, DateTimeOffset time) =>
        command.With(NpgsqlDbType.TimestampTz, time.UtcDateTime);

    public static NpgsqlBatchCommand WithArray<T>(this NpgsqlBatchCommand command, NpgsqlDbType type, IEnumerable<T> values) =>
        command.With(NpgsqlDbType.Array | type, values.ToArray());

    public static NpgsqlBatchCommand WithTexts(this NpgsqlBatchCommand command, IEnumerable<string?> texts) =>
        command.WithArray(NpgsqlDbType.Text, texts.Select(PostgresText.EncodeNullable));

    public static NpgsqlBatchCommand WithTimes(this NpgsqlBatchCommand command, IEnumerable<DateTimeOffset?> times) =>
        command.WithArray(NpgsqlDbType.TimestampTz, times.Select(time => time?.UtcDateTime));
}

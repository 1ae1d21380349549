using System.Collections.Immutable;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

/// <summary>Requests of one stretch of one index that pass the query's filters, in order of creation.</summary>
internal sealed class RequestStream
{
    private readonly SqliteDatabase _database;
    private readonly string? _index;
    private readonly ImmutableArray<string> _conditions;
    private readonly ImmutableArray<object> _values;

    private RequestStream(SqliteDatabase database, string? index, ImmutableArray<string> conditions, ImmutableArray<object> values) =>
        (_database, _index, _conditions, _values) = (database, index, conditions, values);

    public static RequestStream Over(SqliteDatabase database) => new(database, null, [], []);

    public RequestStream From(string index) => new(_database, index, _conditions, _values);

    /// <param name="condition">Holds one question mark a value.</param>
    public RequestStream With(string condition, params ReadOnlySpan<object> values) =>
        new(_database, _index, _conditions.Add(condition), _values.AddRange(values));

    public RequestStream WithUnlessNull(string condition, object? value) => value is null ? this : With(condition, value);

    public void AddTo(List<(long CreatedAt, long No)> found, RequestQuery query, PageCursor? after)
    {
        var (direction, beyond) = query.OldestFirst ? ("ASC", '>') : ("DESC", '<');
        var stream = after is not { } cursor ? this : With(
            $"created_at {beyond}= ? AND (created_at {beyond} ? OR no {beyond} ?)", cursor.Micros, cursor.Micros, (long)cursor.Tie);
        var from = _index is null ? "requests" : $"requests INDEXED BY {_index}";
        using var rows = stream.Bind(_database.Use(
            $"SELECT created_at, no FROM {from} WHERE {string.Join(" AND ", stream._conditions)} "
            + $"ORDER BY created_at {direction}, no {direction} LIMIT ?")).Bind(stream._values.Length + 1, query.Limit + 1);
        while (rows.Step())
            found.Add((rows.Int64(0), rows.Int64(1)));
    }

    private SqliteStatement Bind(SqliteStatement statement)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            _ = _values[i] switch
            {
                long number => statement.Bind(i + 1, number),
                Guid id => statement.Bind(i + 1, id),
                string text => statement.Bind(i + 1, text),
                var other => throw new InvalidOperationException($"No condition takes a {other.GetType().Name}."),
            };
        }
        return statement;
    }
}

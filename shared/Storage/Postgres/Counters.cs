using Millrace.Storage.Requests;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

internal static class Counters
{
    private const int Shards = 16;

    /// <param name="moved">In the order in which all writers lock the counters.</param>
    public static void Move(NpgsqlBatch batch, IReadOnlyList<RequestCount> moved)
    {
        if (moved.Count == 0)
            return;
        batch.Add(
            """
            INSERT INTO counts (shard, workflow, step, status, count) SELECT $1, * FROM unnest($2, $3, $4, $5)
            ON CONFLICT (shard, workflow, step, status) DO UPDATE SET count = counts.count + excluded.count
            """)
            .With(NpgsqlDbType.Smallint, (short)Random.Shared.Next(Shards))
            .WithTexts(moved.Select(c => c.Workflow)).WithTexts(moved.Select(c => c.Step)).WithTexts(moved.Select(c => c.Status))
            .WithArray(NpgsqlDbType.Bigint, moved.Select(c => c.Count));
    }

    public static async Task<IReadOnlyList<RequestCount>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT workflow, step, status, sum(count)::bigint FROM counts GROUP BY workflow, step, status HAVING sum(count) <> 0");
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var found = new List<RequestCount>();
        while (await rows.ReadAsync(cancellationToken))
        {
            found.Add(new RequestCount(
                PostgresText.Decode(rows.GetString(0)), PostgresText.Decode(rows.GetString(1)), PostgresText.Decode(rows.GetString(2)),
                rows.GetInt64(3)));
        }
        return found;
    }
}

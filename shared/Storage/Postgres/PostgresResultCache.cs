using Millrace.Storage.Documents;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

internal sealed class PostgresResultCache(PostgresSession reads, PostgresSession writes) : IResultCache
{
    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(
        IReadOnlyList<string> keys, DateTimeOffset now, CancellationToken cancellationToken) =>
        reads.RunAsync<IReadOnlyList<ReadOnlyMemory<byte>?>>(
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.Add(
                    """
                    SELECT k.place, r.body FROM unnest($1) WITH ORDINALITY AS k (key, place)
                    JOIN results r ON r.key = k.key WHERE r.expires_at > $2
                    """).WithTexts(keys).With(now);
                await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
                var found = new ReadOnlyMemory<byte>?[keys.Count];
                while (await rows.ReadAsync(cancellationToken))
                    found[rows.GetInt64(0) - 1] = rows.GetFieldValue<byte[]>(1);
                return found;
            },
            cancellationToken);

    public Task PutAsync(IReadOnlyList<CachedResult> results, CancellationToken cancellationToken)
    {
        foreach (var result in results)
            DocumentLimits.Check(result.Key, result.Body);
        // The last of equal keys counts; in one order everywhere, so that writers never wait in a circle.
        var distinct = results.GroupBy(r => r.Key, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Last()).ToList();
        return ExecuteAsync(
            batch => batch.Add(
                """
                INSERT INTO results (key, expires_at, body) SELECT * FROM unnest($1, $2, $3)
                ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at, body = excluded.body
                """)
                .WithTexts(distinct.Select(r => r.Key)).WithTimes(distinct.Select(r => (DateTimeOffset?)r.ExpiresAt))
                .WithArray(NpgsqlDbType.Bytea, distinct.Select(r => r.Body)),
            cancellationToken);
    }

    public Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => ExecuteAsync(
        batch => batch.Add(
            "DELETE FROM results WHERE key IN (SELECT key FROM results WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)").With(now).With(limit),
        cancellationToken);

    private Task<int> ExecuteAsync(Action<NpgsqlBatch> statement, CancellationToken cancellationToken) => writes.RunAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            statement(batch);
            return await batch.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);
}

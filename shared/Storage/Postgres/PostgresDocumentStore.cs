using Millrace.Storage.Documents;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

internal sealed class PostgresDocumentStore(PostgresSession reads, PostgresSession writes) : IDocumentStore
{
    public async Task<StoredDocument?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(batch => batch.Add("SELECT key, version, body FROM documents WHERE key = $1").With(key), cancellationToken);
        return found.SingleOrDefault();
    }

    public async Task<IReadOnlyList<StoredDocument>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) => await ReadAsync(
        batch => batch.Add("SELECT key, version, body FROM documents WHERE key >= $1 AND starts_with(key, $1) ORDER BY key LIMIT $2")
            .With(prefix).With(limit),
        cancellationToken);

    public Task<long?> PutAsync(string key, ReadOnlyMemory<byte> body, long? expectedVersion, CancellationToken cancellationToken)
    {
        DocumentLimits.Check(key, body);
        return writes.RunAsync(
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection);
                batch.Add(
                    """
                    INSERT INTO documents (key, version, body) SELECT $1, 1, $2
                    WHERE $3::bigint IS NULL OR $3 = 0 OR EXISTS (SELECT 1 FROM documents WHERE key = $1)
                    ON CONFLICT (key) DO UPDATE SET version = documents.version + 1, body = excluded.body
                    WHERE $3 IS NULL OR documents.version = $3
                    RETURNING version
                    """).With(key).With(body).With(NpgsqlDbType.Bigint, expectedVersion);
                return await batch.ExecuteScalarAsync(cancellationToken) as long?;
            },
            cancellationToken);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => writes.RunAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add("DELETE FROM documents WHERE key = $1").With(key);
            return await batch.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    private Task<List<StoredDocument>> ReadAsync(Action<NpgsqlBatch> query, CancellationToken cancellationToken) => reads.RunAsync(
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            query(batch);
            await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
            var found = new List<StoredDocument>();
            while (await rows.ReadAsync(cancellationToken))
                found.Add(new StoredDocument(PostgresText.Decode(rows.GetString(0)), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2)));
            return found;
        },
        cancellationToken);
}

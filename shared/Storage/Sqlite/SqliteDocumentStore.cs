using System.Text;
using Millrace.Storage.Documents;

namespace Millrace.Storage.Sqlite;

internal sealed class SqliteDocumentStore(SqliteWriter writer, SqliteReaders readers) : IDocumentStore
{
    public Task<StoredDocument?> GetAsync(string key, CancellationToken cancellationToken) =>
        readers.RunAsync((database, _) => Get(database, key), cancellationToken);

    public Task<IReadOnlyList<StoredDocument>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) =>
        readers.RunAsync<IReadOnlyList<StoredDocument>>((database, _) => List(database, prefix, limit), cancellationToken);

    public Task<long?> PutAsync(string key, ReadOnlyMemory<byte> body, long? expectedVersion, CancellationToken cancellationToken)
    {
        DocumentLimits.Check(key, body);
        return writer.RunAsync((database, _) => Put(database, key, body.Span, expectedVersion), cancellationToken);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        writer.RunAsync((database, _) => database.Use("DELETE FROM documents WHERE key = ?").Bind(1, key).Run(), cancellationToken);

    private static StoredDocument? Get(SqliteDatabase database, string key)
    {
        using var row = database.Use("SELECT key, version, body FROM documents WHERE key = ?").Bind(1, key);
        return row.Step() ? Read(row) : null;
    }

    private static List<StoredDocument> List(SqliteDatabase database, string prefix, int limit)
    {
        var found = new List<StoredDocument>();
        var start = Encoding.UTF8.GetBytes(prefix);
        using var rows = database.Use("SELECT key, version, body FROM documents WHERE key >= ? ORDER BY key LIMIT ?")
            .Bind(1, prefix).Bind(2, limit);
        while (rows.Step() && rows.Span(0).StartsWith(start))
            found.Add(Read(rows));
        return found;
    }

    private static long? Put(SqliteDatabase database, string key, ReadOnlySpan<byte> body, long? expectedVersion)
    {
        using var row = database.Use(
            """
            INSERT INTO documents (key, version, body) SELECT ?1, 1, ?2
            WHERE ?3 IS NULL OR ?3 = 0 OR EXISTS (SELECT 1 FROM documents WHERE key = ?1)
            ON CONFLICT (key) DO UPDATE SET version = version + 1, body = excluded.body WHERE ?3 IS NULL OR version = ?3
            RETURNING version
            """).Bind(1, key).Bind(2, body).Bind(3, expectedVersion);
        return row.Step() ? row.Int64(0) : null;
    }

    private static StoredDocument Read(SqliteStatement row) => new(row.Text(0)!, row.Int64(1), row.Blob(2));
}

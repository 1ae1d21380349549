using Millrace.Storage.Documents;
using Millrace.Storage.Packing;

namespace Millrace.Storage.Sqlite;

internal sealed class SqliteResultCache(SqliteWriter writer, SqliteReaders readers) : IResultCache
{
    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(
        IReadOnlyList<string> keys, DateTimeOffset now, CancellationToken cancellationToken) =>
        readers.RunAsync<IReadOnlyList<ReadOnlyMemory<byte>?>>((database, _) => Get(database, keys, Micros.From(now)), cancellationToken);

    public Task PutAsync(IReadOnlyList<CachedResult> results, CancellationToken cancellationToken)
    {
        foreach (var result in results)
            DocumentLimits.Check(result.Key, result.Body);
        return writer.RunAsync((database, _) => Put(database, results), cancellationToken);
    }

    public Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        writer.RunAsync(
            (database, _) => database
                .Use("DELETE FROM results WHERE rowid IN (SELECT rowid FROM results WHERE expires_at <= ? LIMIT ?)")
                .Bind(1, Micros.From(now)).Bind(2, limit).Run(),
            cancellationToken);

    private static ReadOnlyMemory<byte>?[] Get(SqliteDatabase database, IReadOnlyList<string> keys, long now)
    {
        var found = new ReadOnlyMemory<byte>?[keys.Count];
        for (var i = 0; i < keys.Count; i++)
        {
            using var row = database.Use("SELECT body FROM results WHERE key = ? AND expires_at > ?").Bind(1, keys[i]).Bind(2, now);
            if (row.Step())
                found[i] = row.Blob(0);
        }
        return found;
    }

    private static int Put(SqliteDatabase database, IReadOnlyList<CachedResult> results)
    {
        foreach (var result in results)
        {
            database.Use(
                """
                INSERT INTO results (key, expires_at, body) VALUES (?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at, body = excluded.body
                """)
                .Bind(1, result.Key).Bind(2, Micros.From(result.ExpiresAt)).Bind(3, result.Body.Span).Run();
        }
        return results.Count;
    }
}

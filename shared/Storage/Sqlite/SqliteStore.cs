using Millrace.Storage.Documents;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

/// <summary>The embedded store: one file, one writing connection, readers beside it.</summary>
internal sealed class SqliteStore : IMillraceStore
{
    private const int PageBytes = 4096;

    private readonly SqliteCheckpointer _checkpointer;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly SqliteReaders _views;

    private SqliteStore(string path, StoreOptions options, string? privateFolder)
    {
        PrivateFolder = privateFolder;
        Description = privateFolder is null ? $"sqlite:{path}" : "memory:";
        _checkpointer = new SqliteCheckpointer(Connect(path, options), (options.SqliteCheckpointMiB << 20) / PageBytes);
        _writer = new SqliteWriter(ConnectToWrite(path, options, isDurable: privateFolder is null), _checkpointer, options.WriteQueueLimit);
        _readers = new SqliteReaders(Enumerable.Range(0, options.ReadConnections).Select(_ => Connect(path, options)));
        _views = new SqliteReaders(Enumerable.Range(0, options.ViewConnections).Select(_ => Connect(path, options)));
        Requests = new SqliteRequestStore(_writer, _readers);
        Views = new SqliteRequestReader(_views);
        Documents = new SqliteDocumentStore(_writer, _readers);
        Results = new SqliteResultCache(_writer, _readers);
    }

    public IRequestStore Requests { get; }

    public IRequestReader Views { get; }

    public IDocumentStore Documents { get; }

    public IResultCache Results { get; }

    public string Description { get; }

    public int CommitsAtOnce => 1;

    public bool IsShared => false;

    public bool CountsAreExact => true;

    /// <summary>Removed on closing; null for a store that stays.</summary>
    public string? PrivateFolder { get; }

    public static Task<SqliteStore> OpenAsync(string path, StoreOptions options, CancellationToken cancellationToken) =>
        Task.Run(() => Open(Path.GetFullPath(path), options, null), cancellationToken);

    /// <summary>A file in a folder of its own that is removed on closing, without waiting for the disk.</summary>
    public static Task<SqliteStore> OpenPrivateAsync(StoreOptions options, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                var folder = Directory.CreateTempSubdirectory("millrace-").FullName;
                return Open(Path.Combine(folder, "store.db"), options, folder);
            },
            cancellationToken);

    /// <summary>Takes the write lock and writes: a full disk or a lost file shows.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) =>
        _writer.RunAsync((database, _) => database.Use("UPDATE names SET name = name WHERE no = 1").Run(), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _checkpointer.DisposeAsync();
        await _readers.DisposeAsync();
        await _views.DisposeAsync();
        if (PrivateFolder is not null)
            Directory.Delete(PrivateFolder, recursive: true);
    }

    private static SqliteStore Open(string path, StoreOptions options, string? privateFolder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        SqliteFileCheck.Check(path);
        using (var first = SqliteDatabase.Open(path, options.BusyTimeoutMs))
        {
            first.Execute($"PRAGMA page_size = {PageBytes}; PRAGMA journal_mode = WAL;");
            SqliteSchema.Migrate(first, SqliteSchema.Migrations);
            // The file itself is never empty once a store was made: an empty one beside a log is then known to be damaged.
            first.Execute("PRAGMA wal_checkpoint(PASSIVE)");
        }
        return new SqliteStore(path, options, privateFolder);
    }

    // No memory mapping: a file that shrinks under a mapping ends the process instead of the call.
    private static SqliteDatabase Connect(string path, StoreOptions options)
    {
        var database = SqliteDatabase.Open(path, options.BusyTimeoutMs);
        database.Execute("PRAGMA synchronous = FULL; PRAGMA cache_size = -8192; PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = 0;");
        return database;
    }

    private static SqliteDatabase ConnectToWrite(string path, StoreOptions options, bool isDurable)
    {
        var database = Connect(path, options);
        database.Execute($"PRAGMA cache_size = -{options.SqliteCacheMiB * 1024}; PRAGMA temp_store = MEMORY;");
        if (!isDurable)
            database.Execute("PRAGMA synchronous = OFF");
        database.TakePagesWritten();
        return database;
    }
}

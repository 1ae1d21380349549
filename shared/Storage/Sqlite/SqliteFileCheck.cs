using System.Buffers.Binary;

namespace Millrace.Storage.Sqlite;

/// <summary>
/// What SQLite itself would only find when it reads the lost page, or never: it takes an empty file for a new database.
/// </summary>
internal static class SqliteFileCheck
{
    private const int HeaderBytes = 100;

    public static void Check(string path)
    {
        var log = new FileInfo(path + "-wal");
        var file = new FileInfo(path);
        if (log is { Exists: true, Length: > 0 } && file is not { Exists: true, Length: > 0 })
            throw Corrupt("is empty or missing although its write-ahead log is not");
        if (!file.Exists || file.Length == 0)
            return;
        // Another process may be writing while this one reads; damage stays.
        if (log.Exists && SqliteLogCheck.IsDamaged(log.FullName) && SqliteLogCheck.IsDamaged(log.FullName))
            throw Corrupt("has a write-ahead log that is damaged before its last commit");
        Span<byte> header = stackalloc byte[HeaderBytes];
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
                throw Corrupt("ends inside its header");
        }
        if (!header.StartsWith("SQLite format 3\0"u8))
            throw Corrupt("is not a SQLite database");
        var pageBytes = BinaryPrimitives.ReadUInt16BigEndian(header[16..]) is var size && size == 1 ? 65536 : size;
        var pages = BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
        // With pages still in the log, the header may already count what the file is yet to receive.
        if (log is not { Exists: true, Length: > 0 } && file.Length < pages * pageBytes)
            throw Corrupt($"holds {file.Length} of {pages * pageBytes} bytes");
    }

    private static StoreException Corrupt(string what) =>
        new(StoreFailure.Corrupt, $"The store's file {what}. Restore it, with its -wal file, from a copy.");
}

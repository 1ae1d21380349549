using System.Buffers.Binary;

namespace Millrace.Storage.Sqlite;

/// <summary>
/// SQLite ends its write-ahead log at the first frame whose checksum fails. That is right for a commit torn by a crash, which
/// was never reported as done; but at most the last commit can be torn, since each was synced before the next began. Whole
/// commits of the same log behind a bad frame are therefore damage, and would be lost without a word.
/// Source: the WAL format in SQLite's file format document, §4.
/// </summary>
internal static class SqliteLogCheck
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;

    public static bool IsDamaged(string path)
    {
        using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 20);
        var header = new byte[HeaderBytes];
        if (log.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
            return false;
        var isBigEndian = (header[3] & 1) == 1;
        var sum = Add(default, header.AsSpan(0, 24), isBigEndian);
        if (sum != Read(header.AsSpan(24)))
            return log.Length > HeaderBytes;
        var frame = new byte[FrameHeaderBytes + BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(8))];
        var commitsBehindBadFrame = 0;
        for (var isGood = true; log.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length;)
        {
            // Other salts: what is left of an earlier round of the log.
            if (!frame.AsSpan(8, 8).SequenceEqual(header.AsSpan(16, 8)))
                break;
            if (isGood)
            {
                sum = Add(Add(sum, frame.AsSpan(0, 8), isBigEndian), frame.AsSpan(FrameHeaderBytes), isBigEndian);
                isGood = sum == Read(frame.AsSpan(16));
            }
            if (!isGood && BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4)) != 0)
                commitsBehindBadFrame++;
        }
        return commitsBehindBadFrame > 1;
    }

    private static (uint, uint) Add((uint A, uint B) sum, ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        var (a, b) = sum;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var (first, second) = isBigEndian ? Read(bytes)
                : (BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));
            a += first + b;
            b += second + a;
        }
        return (a, b);
    }

    private static (uint First, uint Second) Read(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));
}

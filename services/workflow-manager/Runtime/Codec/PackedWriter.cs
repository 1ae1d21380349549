using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Millrace.WorkflowManager.Runtime.Codec;

/// <summary>
/// Small numbers in few bytes (LEB128), texts with their length before them. Each thread keeps one writer, for thousands are
/// needed a second.
/// </summary>
internal sealed class PackedWriter
{
    private const int MaxKeptBytes = 64 * 1024;

    [ThreadStatic]
    private static PackedWriter? _idle;

    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    private PackedWriter()
    {
    }

    public static PackedWriter Begin()
    {
        var writer = _idle ?? new PackedWriter();
        _idle = null;
        return writer;
    }

    /// <summary>What was written; the writer must not be used any more.</summary>
    public ReadOnlyMemory<byte> End()
    {
        var written = _buffer.WrittenSpan.ToArray();
        _buffer.ResetWrittenCount();
        if (_buffer.Capacity <= MaxKeptBytes)
            _idle = this;
        return written;
    }

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Number(long value)
    {
        // Zigzag: small negative numbers are short as well.
        var rest = (ulong)((value << 1) ^ (value >> 63));
        var span = _buffer.GetSpan(10);
        var length = 0;
        for (; rest >= 0x80; rest >>= 7)
            span[length++] = (byte)(rest | 0x80);
        span[length++] = (byte)rest;
        _buffer.Advance(length);
    }

    public void Fixed(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    public void Id(Guid value)
    {
        value.TryWriteBytes(_buffer.GetSpan(16));
        _buffer.Advance(16);
    }

    /// <summary>To the microsecond, counted from <paramref name="origin"/>.</summary>
    public void Moment(DateTimeOffset? value, DateTimeOffset origin)
    {
        Byte(value is null ? (byte)0 : (byte)1);
        if (value is { } moment)
            Number((moment - origin).Ticks / TimeSpan.TicksPerMicrosecond);
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            Number(-1);
            return;
        }
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }
}

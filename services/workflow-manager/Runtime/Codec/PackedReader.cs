using System.Buffers.Binary;
using System.Text;

namespace Millrace.WorkflowManager.Runtime.Codec;

/// <summary>Reads what <see cref="PackedWriter"/> wrote.</summary>
internal ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte()
    {
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1);
        }
    }

    public int Int() => checked((int)Number());

    public ulong Fixed()
    {
        var value = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
        _rest = _rest[8..];
        return value;
    }

    public Guid Id()
    {
        var value = new Guid(_rest[..16]);
        _rest = _rest[16..];
        return value;
    }

    public DateTimeOffset? Moment(DateTimeOffset origin) =>
        Byte() == 0 ? null : origin.AddTicks(Number() * TimeSpan.TicksPerMicrosecond);

    public string? Text()
    {
        var length = Int();
        if (length < 0)
            return null;
        var value = Encoding.UTF8.GetString(_rest[..length]);
        _rest = _rest[length..];
        return value;
    }
}

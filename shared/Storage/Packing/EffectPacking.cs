using System.Buffers;
using System.Buffers.Binary;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Packing;

/// <summary>The effects of one commit as one blob: per request its id (16 bytes, big-endian) and its effects (i32 length).</summary>
internal static class EffectPacking
{
    public static void Write(ArrayBufferWriter<byte> into, Guid requestId, ReadOnlyMemory<byte> effects)
    {
        var head = into.GetSpan(20);
        requestId.TryWriteBytes(head, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], effects.Length);
        into.Advance(20);
        into.Write(effects.Span);
    }

    /// <summary>The requests alone.</summary>
    public static IEnumerable<Guid> Requests(ReadOnlyMemory<byte> packed) => Read(OutboxTicket.None, packed).Entries.Select(entry => entry.RequestId);

    public static UnsentEffects Read(OutboxTicket ticket, ReadOnlyMemory<byte> packed)
    {
        var entries = new List<(Guid, ReadOnlyMemory<byte>)>();
        while (!packed.IsEmpty)
        {
            var id = new Guid(packed.Span[..16], bigEndian: true);
            var length = BinaryPrimitives.ReadInt32LittleEndian(packed.Span[16..]);
            entries.Add((id, packed.Slice(20, length)));
            packed = packed[(20 + length)..];
        }
        return new UnsentEffects(ticket, entries);
    }
}

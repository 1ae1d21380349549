using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Packing;

/// <summary>
/// The count deltas of one transition, kept beside its timeline so that a removed request can be taken out of the counts:
/// per delta an i32 and three texts (u16 lengths); an empty workflow stands for the request's own.
/// </summary>
internal static class CountPacking
{
    public static void Write(ArrayBufferWriter<byte> into, string workflow, IReadOnlyList<CountDelta> deltas)
    {
        for (var index = 0; index < deltas.Count; index++)
        {
            var delta = deltas[index];
            BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(4), delta.Delta);
            into.Advance(4);
            WriteText(into, delta.Workflow == workflow ? "" : delta.Workflow);
            WriteText(into, delta.Step);
            WriteText(into, delta.Status);
        }
    }

    /// <summary>Adds the deltas with their signs turned.</summary>
    public static void Subtract(ReadOnlySpan<byte> packed, string workflow, CountTotals from)
    {
        while (!packed.IsEmpty)
        {
            var delta = BinaryPrimitives.ReadInt32LittleEndian(packed);
            packed = packed[4..];
            var named = ReadText(ref packed);
            var step = ReadText(ref packed);
            var status = ReadText(ref packed);
            from.Add(new CountDelta(named.Length == 0 ? workflow : named, step, status, -delta));
        }
    }

    private static void WriteText(ArrayBufferWriter<byte> into, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var span = into.GetSpan(2 + length);
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)length);
        Encoding.UTF8.GetBytes(text, span[2..]);
        into.Advance(2 + length);
    }

    private static string ReadText(ref ReadOnlySpan<byte> packed)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(packed);
        var text = Encoding.UTF8.GetString(packed.Slice(2, length));
        packed = packed[(2 + length)..];
        return text;
    }
}

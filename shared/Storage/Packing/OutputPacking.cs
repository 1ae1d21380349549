using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Packing;

/// <summary>The outputs of one transition as one blob: per output a name (u16 length) and a body (i32 length), little-endian.</summary>
internal static class OutputPacking
{
    public static void Write(ArrayBufferWriter<byte> into, IReadOnlyList<OutputRecord> outputs)
    {
        foreach (var output in outputs)
        {
            var nameLength = Encoding.UTF8.GetByteCount(output.Name);
            var head = into.GetSpan(6 + nameLength);
            BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)nameLength);
            Encoding.UTF8.GetBytes(output.Name, head[2..]);
            BinaryPrimitives.WriteInt32LittleEndian(head[(2 + nameLength)..], output.Body.Length);
            into.Advance(6 + nameLength);
            into.Write(output.Body.Span);
        }
    }

    /// <summary>Adds the outputs whose names are not there yet: blobs are read newest first, and the newest body counts.</summary>
    public static void AddMissing(ReadOnlySpan<byte> packed, List<OutputRecord> into)
    {
        while (!packed.IsEmpty)
        {
            var (name, body) = Take(ref packed);
            if (!into.Exists(o => o.Name == name))
                into.Add(new OutputRecord(name, body.ToArray()));
        }
    }

    public static byte[]? Find(ReadOnlySpan<byte> packed, string wanted)
    {
        while (!packed.IsEmpty)
        {
            var (name, body) = Take(ref packed);
            if (name == wanted)
                return body.ToArray();
        }
        return null;
    }

    private static NamedBody Take(ref ReadOnlySpan<byte> packed)
    {
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(packed);
        var name = Encoding.UTF8.GetString(packed.Slice(2, nameLength));
        var bodyLength = BinaryPrimitives.ReadInt32LittleEndian(packed[(2 + nameLength)..]);
        var body = packed.Slice(6 + nameLength, bodyLength);
        packed = packed[(6 + nameLength + bodyLength)..];
        return new NamedBody(name, body);
    }

    private readonly ref struct NamedBody(string name, ReadOnlySpan<byte> body)
    {
        private readonly string _name = name;
        private readonly ReadOnlySpan<byte> _body = body;

        public void Deconstruct(out string name, out ReadOnlySpan<byte> body)
        {
            name = _name;
            body = _body;
        }
    }
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Millrace.Contracts;

/// <summary>Derived ids (UUID version 5, RFC 9562 §5.5): the same workflow and key are always the same request.</summary>
public static class RequestIds
{
    private static readonly Guid Namespace = new("6f1a3c1e-6d1f-5b55-9c0a-8a7a0e3f2b61");

    /// <summary>The id of the request that carries <paramref name="key"/> through <paramref name="workflow"/>.</summary>
    public static Guid ForKey(string workflow, string key) => Version5(Namespace, $"{workflow}\n{key}");

    /// <summary>The id of a task's child: its place decides, never its data.</summary>
    /// <param name="parent">The request that fans out.</param>
    /// <param name="step">The step that runs the task.</param>
    /// <param name="index">The item's position in the list, from 0.</param>
    public static Guid ForChild(Guid parent, string step, int index) => Version5(parent, $"{step}\n{index}");

    [SuppressMessage("Security", "CA5350", Justification = "RFC 9562 defines version 5 over SHA-1; it names, it does not protect.")]
    private static Guid Version5(Guid space, string name)
    {
        Span<byte> input = new byte[16 + Encoding.UTF8.GetByteCount(name)];
        space.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, input[16..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(input, hash);
        var version = (ushort)((BinaryPrimitives.ReadUInt16BigEndian(hash[6..]) & 0x0FFF) | 0x5000);
        BinaryPrimitives.WriteUInt16BigEndian(hash[6..], version);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}

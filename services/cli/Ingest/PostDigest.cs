using System.Buffers.Binary;
using System.Security.Cryptography;
using Millrace.Cli.Posts;

namespace Millrace.Cli.Ingest;

/// <summary>A digest of a sequence of posts that can be asked for on the way.</summary>
internal sealed class PostDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public string Current => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Add(Post post)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, post.Body.Length);
        _hash.AppendData(length);
        _hash.AppendData(post.Body.Span);
    }

    public void Dispose() => _hash.Dispose();
}

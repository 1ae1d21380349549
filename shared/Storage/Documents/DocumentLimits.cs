namespace Millrace.Storage.Documents;

/// <summary>What a document and a cached result may hold, checked alike before every adapter.</summary>
public static class DocumentLimits
{
    public const int MaxKeyLength = 512;

    public const int MaxBodyBytes = 15 << 20;

    public static void Check(string key, ReadOnlyMemory<byte> body)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.Length > MaxKeyLength)
            throw new ArgumentException($"A key has at most {MaxKeyLength} characters, not {key.Length}.", nameof(key));
        if (body.Length > MaxBodyBytes)
            throw new ArgumentException($"A body has at most {MaxBodyBytes} bytes, not {body.Length}.", nameof(body));
    }
}

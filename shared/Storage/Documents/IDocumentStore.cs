namespace Millrace.Storage.Documents;

/// <summary>
/// Small versioned documents beside the requests: definitions, pauses, rate-limit gates, calibrations, detector states.
/// </summary>
public interface IDocumentStore
{
    Task<StoredDocument?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Documents whose key begins with <paramref name="prefix"/>, in the order of their UTF-8 bytes.</summary>
    Task<IReadOnlyList<StoredDocument>> ListAsync(string prefix, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the document if its stored version is <paramref name="expectedVersion"/> (0: it must not exist yet;
    /// null: whatever is there).
    /// </summary>
    /// <param name="key">At most 512 characters.</param>
    /// <param name="body">At most 15 MiB.</param>
    /// <returns>The new version, or null if another one was stored.</returns>
    Task<long?> PutAsync(string key, ReadOnlyMemory<byte> body, long? expectedVersion, CancellationToken cancellationToken);

    Task DeleteAsync(string key, CancellationToken cancellationToken);
}

public sealed record StoredDocument(string Key, long Version, ReadOnlyMemory<byte> Body);

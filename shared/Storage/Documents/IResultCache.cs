namespace Millrace.Storage.Documents;

/// <summary>Outputs of earlier attempts by a hash of what they were made from, so that unchanged text is not worked on twice.</summary>
public interface IResultCache
{
    /// <summary>Bodies in the order of the keys; null where there is none or it has expired.</summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(
        IReadOnlyList<string> keys, DateTimeOffset now, CancellationToken cancellationToken);

    Task PutAsync(IReadOnlyList<CachedResult> results, CancellationToken cancellationToken);

    /// <summary>Removes up to <paramref name="limit"/> entries that have expired.</summary>
    Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);
}

/// <param name="Key">At most 512 characters.</param>
public sealed record CachedResult(string Key, ReadOnlyMemory<byte> Body, DateTimeOffset ExpiresAt);

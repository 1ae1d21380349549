using Millrace.Storage;
using Millrace.Storage.Documents;

namespace Millrace.DriftMonitor.Tests.Detection;

/// <summary>Real documents, of which some cannot be written for a while.</summary>
internal sealed class BreakableDocuments(IDocumentStore inner) : IDocumentStore
{
    /// <summary>Keys that begin with it are refused; null refuses none.</summary>
    public string? Refused { get; set; }

    public Task<StoredDocument?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public Task<IReadOnlyList<StoredDocument>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) =>
        inner.ListAsync(prefix, limit, cancellationToken);

    public Task<long?> PutAsync(string key, ReadOnlyMemory<byte> body, long? expectedVersion, CancellationToken cancellationToken) =>
        Refused is { } refused && key.StartsWith(refused, StringComparison.Ordinal)
            ? throw new StoreException(StoreFailure.Unavailable, "The store is not there.")
            : inner.PutAsync(key, body, expectedVersion, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
}

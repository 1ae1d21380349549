using Millrace.Storage.Documents;
using Millrace.Storage.Requests;

namespace Millrace.Storage;

/// <summary>One opened store with its three rooms. Opening creates or migrates the schema, safely beside other managers.</summary>
public interface IMillraceStore : IAsyncDisposable
{
    IRequestStore Requests { get; }

    IDocumentStore Documents { get; }

    IResultCache Results { get; }

    /// <summary>What is open, without credentials, for logs and health.</summary>
    string Description { get; }

    /// <summary>Throws if the store can't be written to now.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}

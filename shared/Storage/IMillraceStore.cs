using Millrace.Storage.Documents;
using Millrace.Storage.Requests;

namespace Millrace.Storage;

/// <summary>One opened store with its rooms. Opening creates or migrates the schema, safely beside other managers.</summary>
public interface IMillraceStore : IAsyncDisposable
{
    IRequestStore Requests { get; }

    /// <summary>The same requests for who only looks, on connections apart: however slow or many, looks hold up no step.</summary>
    IRequestReader Views { get; }

    IDocumentStore Documents { get; }

    IResultCache Results { get; }

    /// <summary>What is open, without credentials, for logs and health.</summary>
    string Description { get; }

    /// <summary>
    /// How many commits one manager should have on their way. With one writer it is 1: what comes meanwhile is saved together by
    /// the next. A server that saves several beside each other is kept busy by more.
    /// </summary>
    int CommitsAtOnce { get; }

    /// <summary>True if it is made for several managers: they claim timers with leases. Where it is false they would only wait for each other.</summary>
    bool IsShared { get; }

    /// <summary>False if a crash may leave the counts of requests a little off for ever.</summary>
    bool CountsAreExact { get; }

    /// <summary>The time at the server that keeps the store; null if there is none, or it does not tell.</summary>
    Task<DateTimeOffset?> ReadClockAsync(CancellationToken cancellationToken) => Task.FromResult<DateTimeOffset?>(null);

    /// <summary>Throws if the store can't be written to now.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}

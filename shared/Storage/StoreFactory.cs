using Millrace.Storage.Mongo;
using Millrace.Storage.Postgres;
using Millrace.Storage.Sqlite;

namespace Millrace.Storage;

/// <summary>Opens a store by its URL.</summary>
public static class StoreFactory
{
    private const string Forms = "sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, mongodb://... or memory:";

    /// <summary>Opens the store, creating or migrating its schema.</summary>
    /// <param name="url">
    /// <c>sqlite:PATH</c>, <c>postgres://user:password@host:port/database</c>, <c>mongodb://...</c>, or <c>memory:</c> for a
    /// private store that ends with the process.
    /// </param>
    /// <exception cref="StoreException">The URL or an option is wrong, or the store can't be opened.</exception>
    public static async Task<IMillraceStore> OpenAsync(
        string url, StoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(url);
        options ??= new StoreOptions();
        options.Validate();
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        var rest = url[(colon + 1)..];
        return (colon < 0 ? "" : url[..colon].ToLowerInvariant()) switch
        {
            "sqlite" when rest.Length > 0 => await SqliteStore.OpenAsync(rest, options, cancellationToken),
            "memory" when rest.Length == 0 => await SqliteStore.OpenPrivateAsync(options, cancellationToken),
            "postgres" or "postgresql" => await PostgresStore.OpenAsync(url, options, cancellationToken),
            "mongodb" or "mongodb+srv" => await MongoStore.OpenAsync(url, options, cancellationToken),
            // The URL itself is not repeated: a mistyped one may hold a password.
            _ => throw new StoreException(StoreFailure.Configuration, $"The store URL is none of: {Forms}."),
        };
    }
}

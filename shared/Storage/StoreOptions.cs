using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace Millrace.Storage;

/// <summary>Limits of an opened store. Section <c>Store</c>.</summary>
public sealed record StoreOptions
{
    public const string Section = "Store";

    /// <summary>Connections on which what the manager itself needs to go on is read at the same time.</summary>
    [Range(1, 64)]
    public int ReadConnections { get; init; } = 4;

    /// <summary>Connections beside them for those who only look, over REST for instance: one look each at a time, others wait.</summary>
    [Range(1, 64)]
    public int ViewConnections { get; init; } = 4;

    /// <summary>Connections that write at the same time; SQLite always has one.</summary>
    [Range(1, 64)]
    public int WriteConnections { get; init; } = 8;

    /// <summary>Commits of one manager on their way at the same time; SQLite always has one.</summary>
    [Range(1, 64)]
    public int CommitsAtOnce { get; init; } = 4;

    /// <summary>Calls that wait for SQLite's write connection before further callers are held back.</summary>
    [Range(1, 10_000)]
    public int WriteQueueLimit { get; init; } = 256;

    /// <summary>
    /// How long to wait for another process that holds the store: its write lock with SQLite, a row with PostgreSQL, where a session
    /// that is silent in its transaction for half as long loses it; with MongoDB, for a primary, a connection, and the majority that
    /// journals a write.
    /// </summary>
    [Range(1, 600_000)]
    public int BusyTimeoutMs { get; init; } = 10_000;

    /// <summary>Memory for pages of the writing connection of SQLite.</summary>
    [Range(1, 65_536)]
    public int SqliteCacheMiB { get; init; } = 128;

    /// <summary>Size of SQLite's write-ahead log at which its pages are moved into the file.</summary>
    [Range(1, 4096)]
    public int SqliteCheckpointMiB { get; init; } = 32;

    /// <returns>The defaults where the configuration says nothing.</returns>
    /// <exception cref="StoreException">A setting can't be read; one that is out of its range is refused on opening.</exception>
    public static StoreOptions Read(IConfiguration configuration)
    {
        try
        {
            return configuration.GetSection(Section).Get<StoreOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new StoreOptions();
        }
        catch (InvalidOperationException error)
        {
            throw new StoreException(StoreFailure.Configuration, $"Bad store options in section {Section}: {error.Message}", error);
        }
    }

    internal void Validate()
    {
        var errors = new List<ValidationResult>();
        if (!Validator.TryValidateObject(this, new ValidationContext(this), errors, validateAllProperties: true))
            throw new StoreException(StoreFailure.Configuration, $"Bad store options: {string.Join(" ", errors.Select(e => e.ErrorMessage))}");
    }
}

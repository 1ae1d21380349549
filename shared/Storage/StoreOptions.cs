using System.ComponentModel.DataAnnotations;

namespace Millrace.Storage;

/// <summary>Limits of an opened store.</summary>
public sealed record StoreOptions
{
    /// <summary>Connections that read at the same time.</summary>
    [Range(1, 64)]
    public int ReadConnections { get; init; } = 4;

    /// <summary>Connections that write at the same time; SQLite always has one.</summary>
    [Range(1, 64)]
    public int WriteConnections { get; init; } = 8;

    /// <summary>Commits of one manager on their way at the same time; SQLite always has one.</summary>
    [Range(1, 64)]
    public int CommitsAtOnce { get; init; } = 4;

    /// <summary>Calls that wait for a write connection before further callers are held back.</summary>
    [Range(1, 10_000)]
    public int WriteQueueLimit { get; init; } = 256;

    /// <summary>How long to wait for another process that holds the store.</summary>
    [Range(1, 600_000)]
    public int BusyTimeoutMs { get; init; } = 10_000;

    /// <summary>Memory for pages of the writing connection of SQLite.</summary>
    [Range(1, 65_536)]
    public int SqliteCacheMiB { get; init; } = 128;

    /// <summary>Size of SQLite's write-ahead log at which its pages are moved into the file.</summary>
    [Range(1, 4096)]
    public int SqliteCheckpointMiB { get; init; } = 32;

    internal void Validate()
    {
        var errors = new List<ValidationResult>();
        if (!Validator.TryValidateObject(this, new ValidationContext(this), errors, validateAllProperties: true))
            throw new StoreException(StoreFailure.Configuration, $"Bad store options: {string.Join(" ", errors.Select(e => e.ErrorMessage))}");
    }
}

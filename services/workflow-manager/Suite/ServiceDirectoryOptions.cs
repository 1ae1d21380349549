using System.ComponentModel.DataAnnotations;

namespace Millrace.WorkflowManager.Suite;

/// <summary>The services that the page shows and whose own routes can be read through the manager. Section <c>Directory</c>.</summary>
public sealed record ServiceDirectoryOptions
{
    public const string Section = "Directory";

    /// <summary>Only these are ever called: nothing in a message or a query can name another address.</summary>
    public IReadOnlyList<ServiceEntry> Services { get; init; } = [];

    /// <summary>Milliseconds that one call may take, from 100 to 60,000.</summary>
    [Range(100, 60_000)]
    public int TimeoutMs { get; init; } = 3_000;

    /// <summary>Bytes of an answer that are passed on, from 1 KiB to 16 MiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxAnswerBytes { get; init; } = 1024 * 1024;
}

/// <summary>One process of the suite.</summary>
public sealed record ServiceEntry
{
    [Required]
    public string Name { get; init; } = "";

    /// <summary>Its base URL; null: it runs in this process.</summary>
    [Url]
    public string? Url { get; init; }
}

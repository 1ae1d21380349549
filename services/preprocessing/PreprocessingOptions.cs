using System.ComponentModel.DataAnnotations;

namespace Millrace.Preprocessing;

/// <summary>Configuration section <c>Preprocessing</c>.</summary>
public sealed record PreprocessingOptions
{
    public const string Section = "Preprocessing";

    /// <summary>Queue the service consumes.</summary>
    [Required]
    public string Queue { get; init; } = "preprocessing";

    /// <summary>Rule file; empty: the rules that are shipped (<c>infra/rules/default.yaml</c>).</summary>
    public string? RulesPath { get; init; }

    /// <summary>How often the rule file is looked at for a change, in milliseconds, from 10 to 3,600,000.</summary>
    [Range(10, 3_600_000)]
    public int RulesCheckIntervalMs { get; init; } = 2_000;

    /// <summary>Posts remembered for the search for duplicates, about 0.6 KiB each, from 1 to 5,000,000.</summary>
    [Range(1, 5_000_000)]
    public int DuplicateCapacity { get; init; } = 50_000;

    /// <summary>Longest text, in UTF-16 code units; a longer one is rejected. From 1 to 16,777,216.</summary>
    [Range(1, 1 << 24)]
    public int MaxTextLength { get; init; } = 4 << 20;

    /// <summary>Posts of one call, from 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int MaxBatchItems { get; init; } = 64;

    /// <summary>Calls at the same time, from 1 to 64. With one, posts are judged in the order they come, duplicates too.</summary>
    [Range(1, 64)]
    public int MaxConcurrentCalls { get; init; } = 1;
}

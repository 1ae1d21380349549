using System.Collections.Concurrent;
using System.Text.Json;

namespace Millrace.DriftMonitor.Sources;

/// <summary>Why no detector took a vector.</summary>
public enum IgnoredReason
{
    /// <summary>What stands at the path is no number, array of numbers or base64 of floats, or its detector's name is too long.</summary>
    Unreadable,

    /// <summary>Another length than the vectors that the detector began with.</summary>
    OtherLength,

    /// <summary>There are as many detectors as allowed, and it would have begun a new one.</summary>
    NoRoom,

    /// <summary>The post stands in a window already: its result came again.</summary>
    Repeated,
}

/// <param name="Name">The detector, or the source where there is none.</param>
/// <param name="Count">Since the start of the service.</param>
public sealed record IgnoredView(string Name, IgnoredReason Reason, long Count);

/// <summary>Counts the vectors that no detector took, so that none is left out unseen.</summary>
public sealed class IgnoredVectors
{
    private readonly ConcurrentDictionary<(string Name, IgnoredReason Reason), long> _counts = [];

    public IReadOnlyList<IgnoredView> Counts =>
        [.. _counts.Select(count => new IgnoredView(count.Key.Name, count.Key.Reason, count.Value))
            .OrderBy(count => count.Name, StringComparer.Ordinal).ThenBy(count => count.Reason)];

    /// <param name="name">Of a source or a detector, both of which are limited in number.</param>
    public void Add(string name, IgnoredReason reason)
    {
        _counts.AddOrUpdate((name, reason), 1, (_, count) => count + 1);
        DriftMetrics.Ignored.Add(1, new("detector", name), new("reason", JsonNamingPolicy.CamelCase.ConvertName(reason.ToString())));
    }
}

using System.Collections.Immutable;

namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>Inputs that agree at these paths have the same output, for so long.</summary>
/// <param name="Key">Paths into the step's input, names joined by dots; at least one.</param>
/// <param name="Ttl">Counted from when the output was stored.</param>
public sealed record CacheRule(ImmutableArray<string> Key, TimeSpan Ttl)
{
    /// <summary>The author's number of what stands behind the step, such as its model; under another number nothing old is found. 0: none.</summary>
    public int Number { get; init; }

    /// <summary>
    /// Fields of the output that may only repeat the input, such as a post's own id. Those that do are taken from the input that is
    /// answered, not from the one that the output was made of.
    /// </summary>
    public ImmutableArray<string> Echo { get; init; } = ["uri", "id", "text"];
}

using System.Collections.Immutable;

namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>A node of a workflow: it sends the request's data to a queue, or runs a task, and waits for the outcome.</summary>
public sealed record StepDefinition
{
    public required string Name { get; init; }

    /// <summary>The queue of its workers; the step's name unless another was given.</summary>
    public string Queue { get => field ?? Name; init; }

    /// <summary>The task that it runs once per item of a list; then nothing is sent to <see cref="Queue"/>.</summary>
    public string? Task { get; init; }

    /// <summary>Steps whose outputs it needs, in the order in which they win when merged; empty: the request's input.</summary>
    public ImmutableArray<string> Depends { get; init; } = [];

    /// <summary>How many requests may travel in one message; 0 sends each alone.</summary>
    public int Batch { get; init; }

    /// <summary>From when the broker has the attempt to the reply, the wait in the queue included; null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    public RetryRule Retry { get; init; } = RetryRule.Default;

    public RateLimit? RateLimit { get; init; }

    /// <summary>All must hold in the step's input, otherwise the step is skipped and hands its input on.</summary>
    public ImmutableArray<Condition> When { get; init; } = [];

    public CacheRule? Cache { get; init; }

    /// <summary>0 to 9, higher first; null: the workflow's.</summary>
    public int? Priority { get; init; }
}

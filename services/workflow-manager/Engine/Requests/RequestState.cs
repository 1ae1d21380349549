using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>One request as it stands. Only <see cref="WorkflowEngine.Apply"/> makes a new one from it.</summary>
public sealed record RequestState
{
    /// <summary>What <see cref="RequestEvent.Accepted"/> is applied to.</summary>
    public static RequestState None { get; } = new();

    public Guid Id { get; init; }

    public RequestStatus Status { get; init; }

    /// <summary>Whose steps it runs: <see cref="WorkflowDefinition.TopScope"/> or the index of a task.</summary>
    public int Scope { get; init; } = WorkflowDefinition.TopScope;

    public ParentPlace? Parent { get; init; }

    /// <summary>0 to 9, higher first; null: the step's or the workflow's.</summary>
    public int? Priority { get; init; }

    /// <summary>The payload: a UTF-8 JSON object.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When the workflow's timeout will have passed; while <see cref="HeldSince"/> is set, later by as long as that lasts.</summary>
    public DateTimeOffset? TimeoutAt { get; init; }

    /// <summary>An item of a task: when its parent stops to wait, as far as was known when it began. It ends nothing; workers are told.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Since when nothing but a pause keeps it, so that its timeout stands still; null if something else does, or it has no timeout.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>The earliest moment at which a <see cref="RequestEvent.TimerFired"/> is wanted; the store indexes it.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Why it failed, or will once the other branches have finished.</summary>
    public StepFailure? Failure { get; init; }

    /// <summary>Index of the step that failed it; -1 if none.</summary>
    public int FailedStep { get; init; } = -1;

    /// <summary>Who cancelled it.</summary>
    public string? CancelledBy { get; init; }

    /// <summary>How many conflicts and unknown replies were recorded; after a hundred no more are.</summary>
    public int Notes { get; init; }

    /// <summary>Indexed like the steps of its <see cref="WorkflowDefinition.GraphOf"/>; default before it is accepted.</summary>
    public ImmutableArray<StepState> Steps { get; init; }

    public bool IsFinished => Status != RequestStatus.Running;
}

using System.Collections.Immutable;

namespace Millrace.WorkflowManager.Engine.Reasons;

/// <summary>What the state does not know and the manager may.</summary>
/// <param name="Steps">Indexed like the request's steps; default: nothing is known.</param>
public sealed record WhyFacts(ImmutableArray<StepFacts?> Steps)
{
    public static WhyFacts None { get; } = new(default(ImmutableArray<StepFacts?>));

    public StepFacts For(int step) => (Steps.IsDefault ? null : Steps[step]) ?? StepFacts.None;
}

/// <summary>A queue did not take a message.</summary>
/// <param name="Code">One of <see cref="WhyCodes"/>.</param>
/// <param name="Reason">The broker's words.</param>
public sealed record QueueRefusal(string Code, string Reason);

/// <summary>Why an item of a task does not go on.</summary>
/// <param name="Index">Its position in the list, from 0.</param>
public sealed record ItemReason(int Index, WhyReason Reason);

/// <summary>What is known around one step. Null is not known.</summary>
public sealed record StepFacts
{
    public static StepFacts None { get; } = new();

    /// <summary>Who reads the step's queue.</summary>
    public int? Consumers { get; init; }

    /// <summary>Messages lying in the step's queue.</summary>
    public long? Messages { get; init; }

    /// <summary>The broker did not answer when it was asked about the queue.</summary>
    public bool IsBrokerAway { get; init; }

    /// <summary>The broker has not confirmed the step's message, for longer than usual.</summary>
    public bool IsUnsent { get; init; }

    /// <summary>The broker has no such queue.</summary>
    public bool IsQueueMissing { get; init; }

    public string? PausedBy { get; init; }

    /// <summary>Why a worker closed the step's gate, also while those that it held back leave.</summary>
    public string? ThrottleReason { get; init; }

    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Why the queue did not take the message.</summary>
    public QueueRefusal? Refusal { get; init; }

    /// <summary>Others that the rate limit lets go first.</summary>
    public long? Ahead { get; init; }

    /// <summary>The most telling of what holds its running items.</summary>
    public ItemReason? Item { get; init; }

    /// <summary>When its turn comes, if that is later than the slot that it holds.</summary>
    public DateTimeOffset? Turn { get; init; }
}

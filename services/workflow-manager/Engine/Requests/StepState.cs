namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>One step of one request as it stands.</summary>
public sealed record StepState
{
    public static StepState New { get; } = new();

    public StepStatus Status { get; init; }

    public StepHold Hold { get; init; }

    /// <summary>The number of the last dispatch, from 1; 0 before the first. It only grows, also over redrives.</summary>
    public int Attempt { get; init; }

    /// <summary>Replies to earlier attempts than this are of a run before a redrive and do not count.</summary>
    public int FirstAttempt { get; init; } = 1;

    /// <summary>Failed attempts since the step was started or redriven; the retry rule counts these.</summary>
    public int Failures { get; init; }

    /// <summary>How often a worker asked it to wait.</summary>
    public int Throttles { get; init; }

    /// <summary>Why a worker asked it to wait, if it said so; until it is dispatched again.</summary>
    public string? ThrottleReason { get; init; }

    /// <summary>How often it was given a slot that it had to wait for.</summary>
    public int Slots { get; init; }

    /// <summary>
    /// The slot of its rate limit that it held and could not use, until it is dispatched: it goes before those that never had one.
    /// </summary>
    public DateTimeOffset? MissedSlot { get; init; }

    /// <summary>In which round of those who missed a slot it was given the one that it holds; 0: in the line.</summary>
    public long Round { get; init; }

    /// <summary>The latest attempt of which a late reply, or one that is no object, was recorded.</summary>
    public int LateAttempt { get; init; }

    /// <summary>Run again by hand: whoever asked for it wants no answer from the cache.</summary>
    public bool IsAnew { get; init; }

    /// <summary>
    /// The run of a task from which the items that completed are kept; 0: from none. A task's step has a second attempt only if it is
    /// run again by hand.
    /// </summary>
    public int KeptAttempt => Task is not null && Attempt > 1 && !IsAnew ? Attempt - 1 : 0;

    /// <summary>The first dispatch.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The last dispatch.</summary>
    public DateTimeOffset? DispatchedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>
    /// When the engine must look again: dispatched, the deadline, which is put off while the broker has not taken the attempt; retrying, the next attempt; throttled, its turn; held, the
    /// next look. Null: only an event moves it.
    /// </summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The last failure; it stays when a later attempt completes.</summary>
    public StepFailure? Failure { get; init; }

    /// <summary>
    /// UTF-8 JSON object, once completed. A skipped step has none: its output is its input (<see cref="Bodies.StepOutput"/>).
    /// </summary>
    public ReadOnlyMemory<byte>? Output { get; init; }

    /// <summary>How the children stand, for a step that runs a task and has started it.</summary>
    public TaskState? Task { get; init; }

    /// <summary>Dispatched, retrying, throttled or held: something will still happen to it, or a reply may come.</summary>
    public bool IsActive => Status is StepStatus.Dispatched or StepStatus.Retrying or StepStatus.Throttled || Hold != StepHold.None;

    public bool IsDone => Status is StepStatus.Completed or StepStatus.Skipped;

    public bool IsFinished => Status >= StepStatus.Completed;
}

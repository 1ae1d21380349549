namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>The children of one task step of one request. Its size stays small: only stragglers cost a bit each.</summary>
public sealed record TaskState
{
    public required int Total { get; init; }

    /// <summary>Children 0 to this (exclusive) have been started.</summary>
    public int Started { get; init; }

    /// <summary>How many have finished and did not complete.</summary>
    public int Failed { get; init; }

    public ItemSet Finished { get; init; } = ItemSet.Empty;
}

namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>Whether a step may dispatch now.</summary>
/// <param name="IsPaused">
/// Somebody paused it: what becomes ready waits, with <see cref="StepHold.Paused"/>, for <see cref="RequestEvent.Resumed"/> or
/// for a timer at <paramref name="Until"/>, whichever the manager prefers.
/// </param>
/// <param name="Until">
/// Not paused: closed until then by a worker's retry-after. Paused: when to look again, null for only when resumed.
/// </param>
/// <param name="IsCrowded">
/// Open, but many may stand before it: what goes needs a slot, as with a rate limit, so that they leave little by little.
/// </param>
/// <param name="Round">
/// Those who missed their slots are let through in this round, so slots of the line and of earlier rounds do not count: who holds
/// one asks again. Null: all slots count.
/// </param>
public readonly record struct StepGate(bool IsPaused, DateTimeOffset? Until, bool IsCrowded = false, long? Round = null)
{
    public static StepGate Open => default;

    /// <summary>
    /// The line was closed up: who holds a slot of this round or an earlier one, or of the line, need not wait for it and asks again when it
    /// is told by <see cref="RequestEvent.Resumed"/>. Null: none was, or all such slots have come.
    /// </summary>
    public long? Void { get; init; }

    /// <summary>Why a worker closed it, where that is known; also while those that it held back leave.</summary>
    public string? Reason { get; init; }

    public bool IsShut(DateTimeOffset now) => IsPaused || Until > now;
}

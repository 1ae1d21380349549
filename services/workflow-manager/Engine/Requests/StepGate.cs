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
public readonly record struct StepGate(bool IsPaused, DateTimeOffset? Until, bool IsCrowded = false)
{
    public static StepGate Open => default;
}

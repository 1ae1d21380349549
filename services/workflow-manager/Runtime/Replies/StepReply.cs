using Millrace.Contracts;

namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>What a worker answered to one step of one request: exactly one of output, error and retry-after is set.</summary>
/// <param name="Attempt">The dispatch that it answers, if the worker says so.</param>
/// <param name="RetryReason">Why the worker asks to wait, if it says so.</param>
internal sealed record StepReply(
    StepAddress Address, int? Attempt, ReadOnlyMemory<byte> Output = default, StepError? Error = null, TimeSpan? RetryAfter = null,
    string? RetryReason = null);

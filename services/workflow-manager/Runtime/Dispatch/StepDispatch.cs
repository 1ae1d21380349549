using Millrace.Contracts;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>One attempt of one step, ready to be sent.</summary>
/// <param name="Key">Names the rate limit, the pauses and the batch that it belongs to.</param>
/// <param name="Batch">How many may travel in one message; 0 for single messages.</param>
/// <param name="Input">UTF-8 JSON object.</param>
/// <param name="Source">The effect that asks for it.</param>
/// <param name="Deadline">After it nobody waits: the end of the step's timeout, of the request's or of its parent's, whichever comes first.</param>
internal sealed record StepDispatch(
    StepAddress Address,
    StepKey Key,
    string Queue,
    int Attempt,
    int Batch,
    ReadOnlyMemory<byte> Input,
    DateTimeOffset? Deadline,
    int Priority,
    string? TraceParent,
    OpenEffect Source = default);

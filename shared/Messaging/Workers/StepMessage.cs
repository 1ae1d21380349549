using Millrace.Contracts;

namespace Millrace.Messaging.Workers;

/// <summary>A message of a step's queue, read as far as the shell needs it.</summary>
/// <param name="Unassigned">Why no reply can be assigned to a part of it; null if there is no such part.</param>
internal sealed record StepMessage(
    IncomingMessage Source, bool IsBatch, IReadOnlyList<StepItem> Items, DateTimeOffset? Deadline, string? TraceParent, string? Unassigned)
{
    /// <summary>Null if the sender does not say.</summary>
    public string? Workflow => Source.Properties.Headers.GetValueOrDefault(Wire.WorkflowHeader);
}

/// <summary>One request's part of a message.</summary>
/// <param name="CorrelationId">Given back as it came; null if a single message has none.</param>
/// <param name="Attempt">Null if the sender does not count.</param>
/// <param name="Input">JSON, a part of the message's body.</param>
internal sealed record StepItem(string? CorrelationId, int? Attempt, ReadOnlyMemory<byte> Input);

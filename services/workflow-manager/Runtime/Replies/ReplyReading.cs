namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>What a message of the reply queue holds.</summary>
/// <param name="Replies">Those that name a step; one that can't be understood is a failure of its step.</param>
/// <param name="Unassigned">Why the message, or a part of it, is no reply to any step; null if all of it is.</param>
internal sealed record ReplyReading(IReadOnlyList<StepReply> Replies, string? Unassigned = null);

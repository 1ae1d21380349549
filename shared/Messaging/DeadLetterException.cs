namespace Millrace.Messaging;

/// <summary>
/// Thrown by a message's handler: no delivery of this message can succeed, so it goes, whole, to the queue
/// <c>dead-letter</c> with this reason, and is not delivered again.
/// </summary>
public sealed class DeadLetterException(string reason) : Exception(reason);

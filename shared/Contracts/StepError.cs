namespace Millrace.Contracts;

/// <summary>Why a step failed, as a worker says it and a timeline keeps it.</summary>
/// <param name="Type">A short stable code, such as <c>COMMENT_TOO_LONG</c> or <c>timeout</c>; retry rules and searches go by it.</param>
/// <param name="Message">One sentence for a person.</param>
/// <param name="Transient">True if another attempt may succeed; false if the input itself is at fault.</param>
public sealed record StepError(string Type, string Message, bool Transient = false);

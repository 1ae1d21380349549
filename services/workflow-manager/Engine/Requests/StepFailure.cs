namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>Why an attempt failed.</summary>
/// <param name="Type">A short stable code; <see cref="FailureTypes"/> names those that the engine itself gives.</param>
/// <param name="Message">One sentence for a person.</param>
/// <param name="Transient">True if another attempt may succeed; false if the input itself is at fault.</param>
public sealed record StepFailure(string Type, string Message, bool Transient = false);

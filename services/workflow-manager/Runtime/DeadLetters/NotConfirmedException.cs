namespace Millrace.WorkflowManager.Runtime.DeadLetters;

/// <summary>The broker has not said that it took a message: it may have been sent or not.</summary>
internal sealed class NotConfirmedException(string message) : Exception(message);

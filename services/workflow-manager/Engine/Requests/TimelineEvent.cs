namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>One line of a request's history.</summary>
/// <param name="Step">The step's name; null if it concerns the whole request.</param>
/// <param name="Until">When what it tells of ends by itself.</param>
/// <param name="Detail">Who, or what else a reader needs.</param>
public sealed record TimelineEvent(
    DateTimeOffset At, TimelineKind Kind, string? Step = null, int? Attempt = null, StepFailure? Failure = null,
    DateTimeOffset? Until = null, string? Detail = null);

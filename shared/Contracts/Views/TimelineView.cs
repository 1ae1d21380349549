namespace Millrace.Contracts.Views;

/// <summary>Everything that happened to a request, oldest first.</summary>
public sealed record TimelineView(Guid Id, IReadOnlyList<TimelineEventView> Events);

/// <summary>One thing that happened to a request.</summary>
/// <param name="Kind">
/// <c>accepted</c>, <c>dispatched</c>, <c>completed</c>, <c>failed</c>, <c>retried</c>, <c>throttled</c>, <c>skipped</c>,
/// <c>cancelled</c>, <c>conflict</c> and others.
/// </param>
/// <param name="Version">The request's version that it led to.</param>
public sealed record TimelineEventView(
    DateTimeOffset At, string Kind, long Version, string? Step = null, int? Attempt = null, StepError? Error = null,
    DateTimeOffset? Until = null, string? Detail = null);

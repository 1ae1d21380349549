namespace Millrace.Contracts.Views;

/// <summary>A request as REST shows it and as the <c>results</c> exchange carries it.</summary>
/// <param name="Version">The first 12 digits of the definition's content hash, or its own number.</param>
/// <param name="Status"><c>running</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Why">What a running request waits for; why a failed one failed.</param>
/// <param name="Input">The payload it was accepted with; not on the <c>results</c> exchange.</param>
/// <param name="Result">The merged outputs of the last steps, once completed.</param>
/// <param name="TraceId">Of the trace that all its messages carry, 32 hexadecimal digits.</param>
public sealed record RequestView(
    Guid Id,
    string Workflow,
    string Version,
    string? Key,
    string Status,
    WhyView? Why,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? FinishedAt,
    ParentView? Parent,
    IReadOnlyList<StepView> Steps,
    JsonBody? Input,
    JsonBody? Result,
    string? TraceId = null);

/// <summary>The place of a task's item in the request that fanned out.</summary>
/// <param name="Index">The item's position in the list, from 0.</param>
public sealed record ParentView(Guid Id, string Step, int Index);

/// <param name="Status">
/// <c>waiting</c>, <c>dispatched</c>, <c>retrying</c>, <c>throttled</c>, <c>completed</c>, <c>skipped</c>, <c>failed</c> or
/// <c>cancelled</c>.
/// </param>
/// <param name="Attempt">The number of the last dispatch, from 1; 0 before the first.</param>
/// <param name="Queue">Null for a step that runs a task.</param>
/// <param name="Children">For a step that runs a task: how its items stand.</param>
public sealed record StepView(
    string Name,
    string Status,
    int Attempt,
    string? Queue,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    StepError? Error,
    ChildrenView? Children,
    JsonBody? Output);

/// <param name="Finished">How many of the <paramref name="Total"/> items have ended, whether well or not.</param>
public sealed record ChildrenView(int Total, int Started, int Finished, int Failed);

/// <summary>The answer to "why does it not go on?", one code and one sentence.</summary>
/// <param name="Code">Stable, such as <c>no_consumer</c>, <c>rate_limited</c>, <c>retry_scheduled</c>, <c>reply_overdue</c>, <c>paused</c>.</param>
/// <param name="Until">When this ends by itself, if that is known.</param>
/// <param name="Ahead">How many are served before this one, if that is known.</param>
public sealed record WhyView(string Code, string Sentence, string? Step = null, DateTimeOffset? Until = null, long? Ahead = null);

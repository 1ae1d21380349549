using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Api;

/// <summary>Which requests a call is about, from the query string.</summary>
internal sealed record RequestFilter
{
    [FromQuery(Name = "workflow")]
    public string? Workflow { get; init; }

    [FromQuery(Name = "status"), Description("running, completed, failed or cancelled")]
    public string? Status { get; init; }

    [FromQuery(Name = "key"), Description("the exact key")]
    public string? Key { get; init; }

    [FromQuery(Name = "error"), Description("the type of the error that failed the request")]
    public string? Error { get; init; }

    [FromQuery(Name = "step"), Description("the step that failed; with status=running a step that they stand at, whose pages may be short")]
    public string? Step { get; init; }

    [FromQuery(Name = "parent"), Description("children of this request instead of top-level requests")]
    public Guid? Parent { get; init; }

    [FromQuery(Name = "from"), Description("created at or after this time")]
    public DateTimeOffset? From { get; init; }

    [FromQuery(Name = "before"), Description("created before this time")]
    public DateTimeOffset? Before { get; init; }

    /// <returns>What is wrong with it, or null.</returns>
    public string? Check()
    {
        if (Status is not (null or "running" or "completed" or "failed" or "cancelled"))
            return $"'{Status}' is no status; use running, completed, failed or cancelled.";
        if (Status is not (null or "failed") && Error is not null)
            return $"No {Status} request has an error; leave out the status, or the error.";
        if (Status is "completed" or "cancelled" && Step is not null)
            return $"A {Status} request stands at no step; leave out the status, or the step.";
        return null;
    }

    public RequestQuery ToQuery(int limit, string? after = null, bool oldestFirst = false) => new()
    {
        Workflow = Workflow,
        Status = Status,
        Key = Key,
        ErrorCode = Error,
        ErrorStep = Step,
        ParentId = Parent,
        CreatedFrom = From,
        CreatedBefore = Before,
        Limit = limit,
        After = after,
        OldestFirst = oldestFirst,
    };
}

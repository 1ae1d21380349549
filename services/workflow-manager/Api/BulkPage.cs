using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace Millrace.WorkflowManager.Api;

/// <summary>How a call goes about many requests, from the query string.</summary>
internal sealed record BulkPage
{
    private const int MaxLimit = 1_000;

    [FromQuery(Name = "dryRun"), Description("change nothing, say what would be changed and what would be refused")]
    public bool? DryRun { get; init; }

    [FromQuery(Name = "limit"), Description("look at so many at most, 1 to 1000, and give a cursor; without it, at all of them, however long that takes")]
    public int? Limit { get; init; }

    [FromQuery(Name = "after"), Description("the cursor that the call before ended with")]
    public string? After { get; init; }

    /// <returns>What is wrong with it, or null.</returns>
    public string? Check() => Limit is < 1 or > MaxLimit ? $"limit is {Limit}; it must lie between 1 and {MaxLimit}." : null;
}

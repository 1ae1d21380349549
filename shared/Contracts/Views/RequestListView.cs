namespace Millrace.Contracts.Views;

/// <summary>One page of requests, newest first.</summary>
/// <param name="Next">Given as <c>after</c>, it opens the following page; null on the last one.</param>
public sealed record RequestListView(IReadOnlyList<RequestItemView> Items, string? Next);

public sealed record RequestItemView(
    Guid Id, string Workflow, string? Key, string Status, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string? Error, string? ErrorStep);

/// <summary>The ids of accepted posts, in the order of the posts.</summary>
public sealed record AcceptedView(IReadOnlyList<Guid> Ids);

/// <summary>What an action on many requests did, or with <c>dryRun</c> would do.</summary>
/// <param name="Matched">Requests that the filter names.</param>
/// <param name="Changed">Of these, how many were changed; 0 in a dry run.</param>
/// <param name="Ids">The first that matched, at most 100.</param>
/// <param name="Refused">How many the action does not apply to as they stand.</param>
/// <param name="Failed">How many it could not be done to, such as those that this build can't read.</param>
/// <param name="Problems">The first that were refused or failed, at most 100, each with its reason.</param>
/// <param name="Next">Where a limit was given and more follow: given as <c>after</c>, it goes on behind these.</param>
public sealed record BulkView(
    int Matched, int Changed, bool DryRun, IReadOnlyList<Guid> Ids, int Refused = 0, int Failed = 0, IReadOnlyList<BulkProblemView>? Problems = null,
    string? Next = null);

/// <param name="Outcome"><c>refused</c> or <c>failed</c>.</param>
public sealed record BulkProblemView(Guid Id, string Outcome, string Reason);

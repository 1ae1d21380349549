namespace Millrace.Contracts.Views;

/// <summary>One page of requests, newest first.</summary>
/// <param name="Next">Given as <c>after</c>, it opens the following page; null on the last one.</param>
public sealed record RequestListView(IReadOnlyList<RequestItemView> Items, string? Next);

public sealed record RequestItemView(
    Guid Id, string Workflow, string? Key, string Status, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string? Error, string? ErrorStep);

/// <summary>The ids of accepted posts, in the order of the posts.</summary>
public sealed record AcceptedView(IReadOnlyList<Guid> Ids);

/// <summary>What an action on many requests did, or with <c>dryRun</c> would do.</summary>
/// <param name="Matched">Requests that the filter names and the action applies to.</param>
/// <param name="Changed">Of these, how many were changed; 0 in a dry run.</param>
/// <param name="Ids">The first of them, at most 100.</param>
public sealed record BulkView(int Matched, int Changed, bool DryRun, IReadOnlyList<Guid> Ids);

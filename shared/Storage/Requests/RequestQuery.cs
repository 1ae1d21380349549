namespace Millrace.Storage.Requests;

/// <summary>Which requests to list, newest first. Children of tasks are listed only by their parent.</summary>
public sealed record RequestQuery
{
    public const int MaxLimit = 1000;

    public string? Workflow { get; init; }

    public string? Status { get; init; }

    /// <summary>The exact key.</summary>
    public string? Key { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorStep { get; init; }

    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>Children of this request instead of top-level requests.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>True lists the oldest first: the order in which bulk redrives work.</summary>
    public bool OldestFirst { get; init; }

    /// <summary>1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The <see cref="RequestPage.Next"/> of the page before; null for the first page.</summary>
    public string? After { get; init; }
}

/// <param name="Next">Cursor of the following page; null on the last one.</param>
public sealed record RequestPage(IReadOnlyList<RequestRecord> Items, string? Next);

/// <param name="Step">Empty for the request itself.</param>
public sealed record RequestCount(string Workflow, string Step, string Status, long Count);

public sealed record StoredRequest(RequestRecord Record, IReadOnlyList<OutputRecord> Outputs);

/// <param name="Result">UTF-8 JSON of the child's result; null if it did not complete.</param>
public sealed record ChildResult(int Index, string Status, ReadOnlyMemory<byte>? Result, string? ErrorCode, ReadOnlyMemory<byte> State);

/// <param name="Version">The request's version that the events led to.</param>
/// <param name="Events">A UTF-8 JSON array.</param>
public sealed record TimelineRecord(long Version, ReadOnlyMemory<byte> Events);

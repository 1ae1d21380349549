namespace Millrace.Storage.Requests;

/// <summary>
/// One request as stored: a small row, whatever the size of its payload and outputs. Times are kept to the microsecond in UTC.
/// </summary>
public sealed record RequestRecord
{
    /// <summary>The longest key, in bytes of UTF-8: what an index entry of every adapter can hold.</summary>
    public const int MaxKeyBytes = 2048;

    /// <summary>The longest workflow, definition hash, step, error code or output name, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = 512;

    public required Guid Id { get; init; }

    public required string Workflow { get; init; }

    /// <summary>The content hash of the definition that the request keeps until its end.</summary>
    public required string DefinitionHash { get; init; }

    /// <summary>The idempotency key from the payload, at most <see cref="MaxKeyBytes"/>; null if the workflow names none.</summary>
    public string? Key { get; init; }

    /// <summary><c>running</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The type of the error that failed the request, to search by.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The step that failed, to search by.</summary>
    public string? ErrorStep { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Set once the status is final; retention counts from it.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The earliest moment at which the request must be looked at again; null if only a message can move it.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The request whose task this is an item of; null for what was ingested.</summary>
    public ParentReference? Parent { get; init; }

    /// <summary>1 at the first commit, then one more at each.</summary>
    public required long Version { get; init; }

    /// <summary>The engine's state without its outputs, as the manager's codec writes it.</summary>
    public required ReadOnlyMemory<byte> State { get; init; }
}

/// <summary>How far a request is.</summary>
/// <param name="Version">As <see cref="RequestRecord.Version"/>.</param>
/// <param name="Status">As <see cref="RequestRecord.Status"/>.</param>
public readonly record struct RequestVersion(long Version, string Status)
{
    public bool IsFinished => Status != "running";
}

/// <summary>The place of a task's child in its parent.</summary>
/// <param name="Index">The item's position in the list, from 0.</param>
public sealed record ParentReference(Guid RequestId, string Step, int Index);

namespace Millrace.Storage.Requests;

/// <summary>One transition of one request, to be saved whole or not at all.</summary>
public sealed record RequestChange
{
    /// <summary>
    /// The row after the transition. It is written only if the stored version is one less (for version 1: if no row is there);
    /// otherwise the change is a conflict and nothing of it is written.
    /// </summary>
    public required RequestRecord Record { get; init; }

    /// <summary>Outputs that this transition adds or replaces.</summary>
    public IReadOnlyList<OutputRecord> Outputs { get; init; } = [];

    /// <summary>The timeline events of this transition as a UTF-8 JSON array; empty if there are none.</summary>
    public ReadOnlyMemory<byte> Timeline { get; init; }

    /// <summary>What must still be sent because of this transition, as the manager's codec writes it; empty if nothing.</summary>
    public ReadOnlyMemory<byte> Effects { get; init; }

    /// <summary>How the counts per workflow, step and status move.</summary>
    public IReadOnlyList<CountDelta> Counts { get; init; } = [];
}

/// <summary>A body kept in a row of its own.</summary>
/// <param name="Name">A step's name, <see cref="Input"/> or <see cref="Result"/>.</param>
/// <param name="Body">UTF-8 JSON, at most 64 MiB.</param>
public sealed record OutputRecord(string Name, ReadOnlyMemory<byte> Body)
{
    /// <summary>The payload that the request was accepted with.</summary>
    public const string Input = "$input";

    /// <summary>The merged outputs of the last steps.</summary>
    public const string Result = "$result";
}

/// <param name="Step">A step's name, or empty for the request itself.</param>
public readonly record struct CountDelta(string Workflow, string Step, string Status, int Delta);

/// <summary>The effects of one commit that are not yet known to be sent.</summary>
/// <param name="Id">Adapter-given; zero means that there was nothing to send.</param>
public readonly record struct OutboxTicket(long Id, string Owner)
{
    public static OutboxTicket None => default;
}

/// <param name="Conflicts">Positions in the batch whose expected version was not the stored one.</param>
/// <param name="Ticket">Stands for all effects of the commit; hand it back once all of them are confirmed.</param>
public sealed record CommitResult(IReadOnlyList<int> Conflicts, OutboxTicket Ticket);

/// <summary>Effects that some manager saved and did not report as sent.</summary>
public sealed record UnsentEffects(OutboxTicket Ticket, IReadOnlyList<(Guid RequestId, ReadOnlyMemory<byte> Effects)> Entries);

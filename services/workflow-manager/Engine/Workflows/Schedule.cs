namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>A request at every occurrence.</summary>
/// <param name="Cron">Five fields, UTC.</param>
/// <param name="Payload">UTF-8 JSON object, the same each time.</param>
public sealed record Schedule(string Cron, ReadOnlyMemory<byte> Payload)
{
    public CatchUp CatchUp { get; init; } = CatchUp.Last;
}

/// <summary>What becomes of occurrences that fell due while no manager ran.</summary>
public enum CatchUp
{
    /// <summary>They are left out.</summary>
    None,

    /// <summary>The last of them begins a request.</summary>
    Last,

    /// <summary>Each begins a request, the latest thousand at most.</summary>
    All,
}

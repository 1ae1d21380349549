namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>A request at every occurrence.</summary>
/// <param name="Cron">Five fields, in <see cref="TimeZone"/>.</param>
/// <param name="Payload">UTF-8 JSON object, the same each time.</param>
public sealed record Schedule(string Cron, ReadOnlyMemory<byte> Payload)
{
    public CatchUp CatchUp { get; init; } = CatchUp.Last;

    /// <summary>A name of the IANA time zone database, such as <c>Europe/Zurich</c>; null: UTC.</summary>
    public string? TimeZone { get; init; }

    public override string ToString() => TimeZone is null ? Cron : $"{Cron} {TimeZone}";
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

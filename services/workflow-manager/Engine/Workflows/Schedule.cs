namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>A request at every occurrence.</summary>
/// <param name="Cron">Five fields, UTC.</param>
/// <param name="Payload">UTF-8 JSON object, the same each time.</param>
public sealed record Schedule(string Cron, ReadOnlyMemory<byte> Payload);

namespace Millrace.Cli.Ingest;

/// <param name="Read">Posts found in the files.</param>
/// <param name="Sent">Posts that are durable at the target.</param>
/// <param name="Resumed">Posts that an earlier, interrupted run had sent or seen refused.</param>
/// <param name="Refused">The first refusals, each with its place and reason.</param>
internal sealed record IngestSummary(long Read, long Sent, long Resumed, long RefusedCount, IReadOnlyList<string> Refused, double Seconds)
{
    /// <summary>Refusals beyond this many are counted only.</summary>
    public const int MaxRefusalsShown = 20;
}

namespace Millrace.Standalone;

/// <summary>The services that can run together in one process or each on its own.</summary>
public static class ServiceNames
{
    public const string WorkflowManager = "workflow-manager";
    public const string Preprocessing = "preprocessing";
    public const string PerspectiveClassifier = "perspective-classifier";
    public const string GpuEmbedding = "gpu-embedding";
    public const string DriftMonitor = "drift-monitor";

    public static IReadOnlyList<string> All { get; } = [WorkflowManager, Preprocessing, PerspectiveClassifier, GpuEmbedding, DriftMonitor];

    /// <summary>Services that keep something in the store.</summary>
    public static bool NeedsStore(string service) => service is WorkflowManager or DriftMonitor or PerspectiveClassifier;
}

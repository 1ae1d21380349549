namespace Millrace.Chaos.Tests.Faults;

/// <summary>Every boundary of a worker's shell: its work is done, its replies are confirmed.</summary>
internal static class WorkerFailPoints
{
    public static IReadOnlyList<string> All { get; } = ["worker.handled", "worker.replied"];
}

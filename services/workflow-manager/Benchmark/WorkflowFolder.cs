namespace Millrace.WorkflowManager.Benchmark;

/// <summary>A folder for the workflow file of a run, removed at its end.</summary>
internal sealed class WorkflowFolder : IAsyncDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("millrace-bench-").FullName;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path, recursive: true);
        return ValueTask.CompletedTask;
    }
}

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>How many top-level requests run, over all managers: counted in the store, moved along in between.</summary>
internal sealed class RunningCount
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public void Set(long count) => Interlocked.Exchange(ref _count, count);

    public void Move(int delta) => Interlocked.Add(ref _count, delta);
}

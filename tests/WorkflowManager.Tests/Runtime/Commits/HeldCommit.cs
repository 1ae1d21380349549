using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Tests.Runtime.Commits;

/// <summary>Holds back the first commit that begins a certain request; the fault strikes it once it is let go.</summary>
internal sealed class HeldCommit
{
    private readonly Guid _request;
    private readonly TaskCompletionSource _begins = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<int> _begun = [];
    private readonly Lock _lock = new();

    public HeldCommit(Guid request, int commitsAtOnce, Fault fault = Fault.None)
    {
        _request = request;
        Failpoints = new Failpoints(fault, 1, seed: 0) { CommitsAtOnce = commitsAtOnce, MaxStrikes = 1, IsArmed = false, BeforeCommit = HoldAsync };
    }

    public Failpoints Failpoints { get; }

    /// <summary>How many changes each commit so far had, in the order in which they began; those that only forget are left out.</summary>
    public IReadOnlyList<int> Begun
    {
        get
        {
            lock (_lock)
                return [.. _begun];
        }
    }

    public Task BeginsAsync(CancellationToken cancellationToken) => _begins.Task.WaitAsync(cancellationToken);

    public void LetGo() => _free.TrySetResult();

    private async Task HoldAsync(IReadOnlyList<RequestChange> changes)
    {
        lock (_lock)
        {
            if (changes.Count > 0)
                _begun.Add(changes.Count);
        }
        if (_begins.Task.IsCompleted || !changes.Any(change => change.Record.Id == _request && change.Record.Version == 1))
            return;
        _begins.TrySetResult();
        await _free.Task;
        Failpoints.IsArmed = true;
    }
}

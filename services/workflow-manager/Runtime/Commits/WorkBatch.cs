namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>Works that came together, such as the items of one message; done when all of them are.</summary>
internal sealed class WorkBatch(IReadOnlyList<RequestWork> works)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = works.Count;
    private Exception? _failure;

    public IReadOnlyList<RequestWork> Works { get; } = works;

    public long Bytes { get; } = works.Sum(work => (long)work.Bytes);

    public Task Done => _done.Task;

    public void Finish(RequestWork work, WorkOutcome outcome)
    {
        work.Outcome = outcome;
        CountDown();
    }

    /// <summary>The work can't be done: whoever brought it must see why.</summary>
    public void Fail(RequestWork work, Exception failure)
    {
        (work.Outcome, work.Failure) = (WorkOutcome.Failed, failure);
        _failure = failure;
        CountDown();
    }

    public void Cancel(CancellationToken token) => _done.TrySetCanceled(token);

    private void CountDown()
    {
        if (--_left > 0)
            return;
        if (_failure is null)
            _done.TrySetResult();
        else
            _done.TrySetException(_failure);
    }
}

/// <summary>One work of a batch on its way through the commit loop.</summary>
/// <param name="MustLoad">An earlier try showed that memory was behind the store.</param>
/// <param name="Alone">An earlier try in company was refused by the store: this one is saved by itself, to find the culprit.</param>
/// <param name="Tries">How often it could not be decided about or saved.</param>
internal readonly record struct QueuedWork(WorkBatch Batch, RequestWork Work, bool MustLoad = false, bool Alone = false, int Tries = 0)
{
    /// <summary>So often is no outage alone: it may be this one that can't be done.</summary>
    public bool IsStubborn => Tries >= 3;
}

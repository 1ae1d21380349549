using Millrace.Contracts;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Runtime.Fanout;

/// <summary>Starts and cancels the children of tasks, a bounded number in one transaction.</summary>
/// <remarks>
/// A parent may end while its children are being started, here or by another manager, and its word to cancel them may have gone out
/// before they were there. So the parent is looked at after they are saved, and if it does not wait for them they are cancelled.
/// </remarks>
internal sealed class ChildStarter(
    IRequestStore store, WorkflowCatalog catalog, ChildWindows windows, KeptItems kept, WorkInbox inbox, WorkflowManagerOptions options)
{
    /// <exception cref="AggregateException">Some parents' children could not be started; those of the others were.</exception>
    public async Task StartAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var run in effects.GroupBy(open => (open.Request.Id, Start(open).Step, Start(open).Attempt)))
        {
            try
            {
                // The latest state knows the input as well as any; ranges that follow each other are started as one.
                foreach (var (from, count) in Merge(run.Select(Start)))
                    await StartAsync(run.Last().Request, run.Key.Step, run.Key.Attempt, from, count, cancellationToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // One parent whose children can't be made must not keep those of the others from starting.
                failures.Add(failure);
            }
        }
        if (failures.Count > 0)
            throw new AggregateException(failures);
    }

    public async Task CancelAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        foreach (var open in effects)
        {
            var cancel = (Effect.CancelChildren)open.Effect;
            await CancelAsync(open.Request, cancel.Step, cancel.Attempt, 0, cancel.Count, cancellationToken);
        }
    }

    private async Task CancelAsync(
        RunningRequest parent, int step, int attempt, int from, int count, CancellationToken cancellationToken)
    {
        var name = ParentPlace.NameOf(parent.Graph.Steps[step].Name, attempt);
        foreach (var chunk in Enumerable.Range(from, count).Chunk(options.FanOutChunk))
        {
            await inbox.RunAsync(
                [.. chunk.Select(index => Works.Cancel(RequestIds.ForChild(parent.Id, name, index), "its parent"))], cancellationToken);
        }
    }

    private static IEnumerable<(int From, int Count)> Merge(IEnumerable<Effect.StartChildren> starts)
    {
        (int From, int Count)? open = null;
        foreach (var start in starts.OrderBy(start => start.FromIndex))
        {
            if (open is var (from, count) && from + count == start.FromIndex)
            {
                open = (from, count + start.Count);
                continue;
            }
            if (open is { } done)
                yield return done;
            open = (start.FromIndex, start.Count);
        }
        if (open is { } last)
            yield return last;
    }

    private async Task StartAsync(
        RunningRequest parent, int step, int attempt, int fromIndex, int count, CancellationToken cancellationToken)
    {
        var definition = parent.Graph.Steps[step];
        var scope = parent.Definition.IndexOfTask(definition.Task!);
        var name = ParentPlace.NameOf(definition.Name, attempt);
        var started = 0;
        while (started < count && IsWaiting(parent, step, attempt))
        {
            var from = fromIndex + started;
            var inputs = windows.Take(parent, step, attempt, from, Math.Min(options.FanOutChunk, count - started));
            if (inputs.Count == 0)
                return;
            await BearAsync([.. inputs.Select((input, offset) => Birth(from + offset, input))], parent, cancellationToken);
            started += inputs.Count;
            parent = await LookAgainAsync(parent, cancellationToken);
        }
        // Also those that were not started just now: before a crash they may have been.
        if (!IsWaiting(parent, step, attempt))
            await CancelAsync(parent, step, attempt, fromIndex, count, cancellationToken);

        RequestBirth Birth(int index, ReadOnlyMemory<byte> input) => new(
            parent.Definition, RequestIds.ForChild(parent.Id, name, index), Key: null, input, parent.State.Priority, parent.TraceParent,
            scope, new ParentPlace(parent.Id, step, attempt, index), name,
            Earlier(parent.State.Steps[step].DueAt, Earlier(parent.State.TimeoutAt, parent.State.Deadline)));
    }

    private async Task BearAsync(IReadOnlyList<RequestBirth> births, RunningRequest parent, CancellationToken cancellationToken)
    {
        var (works, bytes) = (new List<RequestWork>(), 0L);
        foreach (var birth in births)
        {
            if (bytes >= options.GroupMaxBytes)
            {
                await inbox.RunAsync(works, cancellationToken);
                (works, bytes) = ([], 0);
            }
            // In one batch with what is kept of it: so nothing of it is sent.
            IReadOnlyList<RequestWork> child = [Works.Accept(birth), .. await kept.ReadAsync(parent, birth, cancellationToken)];
            works.AddRange(child);
            bytes += child.Sum(work => (long)work.Bytes);
        }
        await inbox.RunAsync(works, cancellationToken);
    }

    /// <summary>Whatever ends a step is told, so a parent of which nothing new is told need not be read again, with all its bodies.</summary>
    private async Task<RunningRequest> LookAgainAsync(RunningRequest parent, CancellationToken cancellationToken)
    {
        if ((await store.ReadTimelineAsync(parent.Id, parent.Record.Version, cancellationToken)).Count == 0)
            return parent;
        return (await store.LoadAsync([parent.Id], cancellationToken))[0] is { } stored
            ? await RunningRequest.ReadAsync(stored, catalog, cancellationToken) : parent;
    }

    private static bool IsWaiting(RunningRequest parent, int step, int attempt) =>
        !parent.IsFinished && parent.State.Steps[step] is { Status: StepStatus.Dispatched } state && state.Attempt == attempt;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    private static Effect.StartChildren Start(OpenEffect open) => (Effect.StartChildren)open.Effect;
}

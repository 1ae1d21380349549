using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Runtime.Fanout;

/// <summary>Starts and cancels the children of tasks, a bounded number in one transaction.</summary>
internal sealed class ChildStarter(ChildWindows windows, WorkInbox inbox, WorkflowManagerOptions options)
{
    public async Task StartAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        foreach (var run in effects.GroupBy(open => (open.Request.Id, Start(open).Step, Start(open).Attempt)))
        {
            // The latest state knows the input as well as any; ranges that follow each other are started as one.
            foreach (var (from, count) in Merge(run.Select(Start)))
                await StartAsync(run.Last().Request, run.Key.Step, run.Key.Attempt, from, count, cancellationToken);
        }
    }

    public async Task CancelAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        foreach (var open in effects)
        {
            var cancel = (Effect.CancelChildren)open.Effect;
            var name = ParentPlace.NameOf(open.Request.Graph.Steps[cancel.Step].Name, cancel.Attempt);
            foreach (var chunk in Enumerable.Range(0, cancel.Count).Chunk(options.FanOutChunk))
            {
                await inbox.RunAsync(
                    [.. chunk.Select(index => Works.Cancel(RequestIds.ForChild(open.Request.Id, name, index), "its parent"))],
                    cancellationToken);
            }
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
        for (var from = fromIndex; from < fromIndex + count; from += options.FanOutChunk)
        {
            var size = Math.Min(options.FanOutChunk, fromIndex + count - from);
            var inputs = windows.Take(parent, step, attempt, from, size);
            await inbox.RunAsync([.. inputs.Select((input, offset) => Works.Accept(Birth(from + offset, input)))], cancellationToken);
        }

        RequestBirth Birth(int index, ReadOnlyMemory<byte> input) => new(
            parent.Definition, RequestIds.ForChild(parent.Id, name, index), Key: null, input, parent.State.Priority, parent.TraceParent,
            scope, new ParentPlace(parent.Id, step, attempt, index), name);
    }

    private static Effect.StartChildren Start(OpenEffect open) => (Effect.StartChildren)open.Effect;
}

using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Runtime.Fanout;

/// <summary>
/// Puts the children's results together, page by page, in the order of their items. Pages begin small and grow while what they hold
/// does not, so that a few large results are not read all at once.
/// </summary>
internal sealed class ChildGatherer(IRequestStore store, WorkInbox inbox, WorkflowManagerOptions options)
{
    private const int FirstPage = 8;

    public async Task GatherAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        foreach (var open in effects)
        {
            var gather = (Effect.GatherChildren)open.Effect;
            var step = open.Request.State.Steps[gather.Step];
            if (step.Status == StepStatus.Dispatched && step.Attempt == gather.Attempt)
                await inbox.RunAsync([await GatherAsync(open.Request, gather, cancellationToken)], cancellationToken);
        }
    }

    private async Task<RequestWork> GatherAsync(RunningRequest parent, Effect.GatherChildren gather, CancellationToken cancellationToken)
    {
        var definition = parent.Graph.Steps[gather.Step];
        var task = parent.Definition.Tasks[parent.Definition.IndexOfTask(definition.Task!)];
        var gathered = new Gather(task, StepInput.Of(parent.Definition, parent.State, gather.Step), options.GatherMaxBytes);
        var name = ParentPlace.NameOf(definition.Name, gather.Attempt);
        var size = Math.Min(FirstPage, options.FanOutChunk);
        IReadOnlyList<ChildResult> page;
        do
        {
            page = await store.ReadChildrenAsync(parent.Id, name, gathered.Count, size, cancellationToken);
            foreach (var child in page)
                Add(gathered, child);
            var isLarge = page.Sum(child => (long)(child.Result?.Length ?? 0)) > options.GatherMaxBytes / 4;
            size = Math.Clamp(isLarge ? size / 2 : size * 2, 1, options.FanOutChunk);
        }
        while (page.Count > 0 && !gathered.IsTooLarge);
        var (output, failure) = gathered.Complete();
        return Works.Gathered(parent.Id, gather.Step, gather.Attempt, output, failure);
    }

    private static void Add(Gather gathered, ChildResult child)
    {
        if (child.Result is { } result)
            gathered.Add(result);
        else
            gathered.AddFailed(StateCodec.ReadFailure(child.State.Span) ?? new StepFailure(child.ErrorCode ?? child.Status, $"The item was {child.Status}."));
    }
}

using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>Who holds the slots of a step: the requests that are throttled at it.</summary>
internal static class HeldSlots
{
    /// <summary>Whether there may be any. Where the counts may be off by what a crash lost, that none is counted says little while the workflow has running requests.</summary>
    public static async Task<bool> AnyAsync(
        IMillraceStore store, IReadOnlyList<RequestCount> counts, StepKey step, CancellationToken cancellationToken)
    {
        if (counts.Any(count => Counts(count, step)))
            return true;
        if (store.CountsAreExact)
            return false;
        var running = await store.Requests.ListAsync(
            new RequestQuery { Workflow = step.Workflow, Status = "running", Limit = 1 }, cancellationToken);
        return running.Items.Count > 0;
    }

    private static bool Counts(RequestCount count, StepKey step) =>
        count.Count > 0 && count.Workflow == step.Workflow && count.Step == step.Step && count.Status == StepStatus.Throttled.Name();
}

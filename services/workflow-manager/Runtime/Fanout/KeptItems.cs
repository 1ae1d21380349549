using Millrace.Contracts;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Fanout;

/// <summary>What an earlier run of a task made of an item, where a run by hand keeps the items that completed.</summary>
internal sealed class KeptItems(IRequestStore store, WorkflowCatalog catalog)
{
    /// <returns>One work for each step that completed, in the order in which they become ready; none if the item did not complete.</returns>
    public async Task<IReadOnlyList<RequestWork>> ReadAsync(
        RunningRequest parent, RequestBirth child, CancellationToken cancellationToken)
    {
        var (_, step, _, index) = child.Parent!;
        if (parent.State.Steps[step].KeptAttempt is not (> 0 and var attempt))
            return [];
        var id = RequestIds.ForChild(parent.Id, ParentPlace.NameOf(parent.Graph.Steps[step].Name, attempt), index);
        if ((await store.LoadAsync([id], cancellationToken))[0] is not { } stored)
            return [];
        var earlier = await RunningRequest.ReadAsync(stored, catalog, cancellationToken);
        if (earlier.State.Status != RequestStatus.Completed)
            return [];
        return [.. earlier.Graph.Order.Select(each => (Step: each, earlier.State.Steps[each].Output)).Where(each => each.Output is not null)
            .Select(each => Works.Keep(child.Id, each.Step, each.Output!.Value))];
    }
}

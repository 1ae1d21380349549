using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>Tells the running requests of a workflow that wait for a pause to end or for their slots, oldest first, to look again; their task items as well.</summary>
internal sealed class ResumeScan(IMillraceStore store, WorkInbox inbox)
{
    private const int PageSize = 500;

    /// <param name="goesOn">Asked before each page; false ends the scan.</param>
    /// <returns>False if it was ended.</returns>
    public Task<bool> RunAsync(string workflow, Func<Task<bool>> goesOn, CancellationToken cancellationToken) => RunAsync(
        new RequestQuery { Workflow = workflow, Status = "running", OldestFirst = true, Limit = PageSize }, goesOn, cancellationToken);

    private async Task<bool> RunAsync(RequestQuery query, Func<Task<bool>> goesOn, CancellationToken cancellationToken)
    {
        do
        {
            if (!await goesOn())
                return false;
            var page = await store.Requests.ListAsync(query, cancellationToken);
            var requests = page.Items.Select(record => (record.Id, Steps: Read(record))).ToList();
            await inbox.RunAsync(
                [.. requests.Where(request => request.Steps.Any(step => step.Hold is StepHold.Paused or StepHold.Slot)).Select(request => Works.Resume(request.Id))],
                cancellationToken);
            foreach (var (id, _) in requests.Where(request => request.Steps.Any(HasChildren)))
            {
                var children = new RequestQuery { ParentId = id, Status = "running", OldestFirst = true, Limit = PageSize };
                if (!await RunAsync(children, goesOn, cancellationToken))
                    return false;
            }
            query = query with { After = page.Next };
        }
        while (query.After is not null);
        return true;
    }

    private static bool HasChildren(StepState step) => step is { Status: StepStatus.Dispatched, Task: not null };

    private static IReadOnlyList<StepState> Read(RequestRecord record)
    {
        try
        {
            return StateCodec.ReadSteps(record);
        }
        catch (Exception)
        {
            // Nobody can go on with what can't be read, and it must not keep those behind it.
            return [];
        }
    }
}

using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>Tells the running requests of a workflow, oldest first, that a pause is over; their task items as well.</summary>
internal sealed class ResumeScan(IMillraceStore store, WorkInbox inbox)
{
    private const int PageSize = 500;

    public Task RunAsync(string workflow, CancellationToken cancellationToken) =>
        RunAsync(new RequestQuery { Workflow = workflow, Status = "running", OldestFirst = true, Limit = PageSize }, cancellationToken);

    private async Task RunAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        do
        {
            var page = await store.Requests.ListAsync(query, cancellationToken);
            await inbox.RunAsync([.. page.Items.Select(request => Works.Resume(request.Id))], cancellationToken);
            foreach (var request in page.Items)
                await RunAsync(new RequestQuery { ParentId = request.Id, Status = "running", OldestFirst = true, Limit = PageSize }, cancellationToken);
            query = query with { After = page.Next };
        }
        while (query.After is not null);
    }
}

using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Runtime.Bulk;

/// <summary>Does the same to all requests that a filter names, in order, a page at a time.</summary>
internal sealed class BulkAction(RequestSearch search, WorkInbox inbox)
{
    public const int PageSize = 200;

    private const int MaxIds = 100;

    public async Task<BulkView> RunAsync(RequestQuery query, Func<Guid, RequestWork> work, bool dryRun, CancellationToken cancellationToken)
    {
        var (matched, changed, ids) = (0, 0, new List<Guid>());
        do
        {
            var page = await search.ListAsync(query, cancellationToken);
            matched += page.Items.Count;
            ids.AddRange(page.Items.Take(MaxIds - ids.Count).Select(request => request.Id));
            if (!dryRun)
            {
                var works = page.Items.Select(request => work(request.Id)).ToList();
                await inbox.RunAsync(works, cancellationToken);
                changed += works.Count(each => each.Outcome == WorkOutcome.Saved);
            }
            query = query with { After = page.Next };
        }
        while (query.After is not null);
        return new BulkView(matched, changed, dryRun, ids);
    }
}

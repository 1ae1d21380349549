using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Runtime.Bulk;

/// <summary>
/// Does the same to all requests that a filter names, in order, a page at a time. What can't be done to one is counted with its reason and
/// keeps it from no other.
/// </summary>
internal sealed class BulkAction(RequestSearch search, WorkInbox inbox, WorkflowCatalog catalog)
{
    public const int PageSize = 200;

    /// <param name="query">Of one page.</param>
    /// <param name="isOnePage">False: all pages from there on.</param>
    /// <exception cref="ArgumentException">The cursor is none of an earlier page.</exception>
    public async Task<BulkView> RunAsync(RequestQuery query, BulkDeed deed, bool dryRun, bool isOnePage, CancellationToken cancellationToken)
    {
        var tally = new BulkTally(dryRun);
        do
        {
            var page = await search.ListAsync(query, cancellationToken);
            var works = new List<RequestWork>(page.Items.Count);
            foreach (var request in page.Items)
            {
                tally.Match(request.Id);
                if (await CanAsync(request, deed, tally, cancellationToken))
                    works.Add(deed.Work(request.Id));
            }
            if (!dryRun)
                await DoAsync(works, tally, cancellationToken);
            query = query with { After = page.Next };
        }
        while (query.After is not null && !isOnePage);
        return tally.Show(query.After);
    }

    private async Task<bool> CanAsync(RequestRecord request, BulkDeed deed, BulkTally tally, CancellationToken cancellationToken)
    {
        try
        {
            var definition = await catalog.FindVersionAsync(request.DefinitionHash, cancellationToken)
                ?? throw new InvalidDataException($"The definition {request.DefinitionHash} of request {request.Id} is not stored.");
            if (deed.Refuse(definition, StateCodec.ReadState(request)) is not { } reason)
                return true;
            tally.Refuse(request.Id, reason);
        }
        catch (Exception failure) when (!Outage.Is(failure))
        {
            // Whatever a decoder stumbles over: it is this request that can't be read, and no other.
            tally.Fail(request.Id, Unreadable.Explain(failure.Message));
        }
        return false;
    }

    private async Task DoAsync(List<RequestWork> works, BulkTally tally, CancellationToken cancellationToken)
    {
        try
        {
            await inbox.RunAsync(works, cancellationToken);
        }
        catch (Exception) when (works.All(work => work.Outcome != WorkOutcome.Pending))
        {
            // One of them can't be done, and says so itself; the others are.
        }
        works.ForEach(tally.Count);
    }
}

using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>
/// Lists requests. The step of a query is the one that failed, which the store has an index for; of running requests it is one that they stand at,
/// which is looked for in a bounded number of them: such a page may hold fewer than asked for, or none, and another still follows.
/// </summary>
internal sealed class RequestSearch(IRequestReader store, WorkflowCatalog catalog)
{
    private const int MostLookedAt = 5_000;

    /// <exception cref="ArgumentException">The cursor is none of an earlier page.</exception>
    public Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken) => query is { Status: "running", ErrorStep: { } step }
        ? FindStandingAsync(query with { ErrorStep = null }, step, cancellationToken)
        : store.ListAsync(query, cancellationToken);

    private async Task<RequestPage> FindStandingAsync(RequestQuery running, string step, CancellationToken cancellationToken)
    {
        for (var looked = running.Limit; ; looked += running.Limit)
        {
            var page = await store.ListAsync(running, cancellationToken);
            var found = new List<RequestRecord>();
            foreach (var request in page.Items)
            {
                if (await StandsAtAsync(request, step, cancellationToken))
                    found.Add(request);
            }
            if (found.Count > 0 || page.Next is null || looked >= MostLookedAt)
                return new RequestPage(found, page.Next);
            running = running with { After = page.Next };
        }
    }

    private async Task<bool> StandsAtAsync(RequestRecord request, string step, CancellationToken cancellationToken)
    {
        try
        {
            var definition = await catalog.FindVersionAsync(request.DefinitionHash, cancellationToken);
            return definition?.GraphOf(StateCodec.ReadScope(request.State.Span)).IndexOf(step) is >= 0 and var index
                && StateCodec.ReadSteps(request)[index].IsActive;
        }
        catch (Exception failure) when (!Outage.Is(failure))
        {
            // Where a request stands that this build can't read nobody knows; a list without the step shows it.
            return false;
        }
    }
}

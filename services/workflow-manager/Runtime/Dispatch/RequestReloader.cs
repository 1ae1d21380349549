using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Brings effects that have waited up to how their requests stand now: meanwhile these may have gone on, or ended.</summary>
internal sealed class RequestReloader(IRequestStore store, WorkflowCatalog catalog)
{
    /// <returns>The effects in their order, without those whose request is gone.</returns>
    public async Task<IReadOnlyList<OpenEffect>> ReloadAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. effects.Select(open => open.Request.Id).Distinct()];
        var requests = new Dictionary<Guid, RunningRequest>(ids.Length);
        foreach (var stored in await store.LoadAsync(ids, cancellationToken))
        {
            if (stored is not null)
                requests[stored.Record.Id] = await RunningRequest.ReadAsync(stored, catalog, cancellationToken);
        }
        return [.. effects.Where(open => requests.ContainsKey(open.Request.Id)).Select(open => open with { Request = requests[open.Request.Id] })];
    }
}

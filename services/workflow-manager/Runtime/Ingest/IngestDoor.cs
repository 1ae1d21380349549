using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>Where posts come in, from the exchange and by REST alike.</summary>
internal sealed class IngestDoor(WorkflowCatalog catalog, Admission admission, WorkInbox inbox, WorkflowManagerOptions options)
{
    private const int MaxPriority = 9;

    /// <summary>Accepts the posts of one body, all or none. Returns when they are saved.</summary>
    /// <returns>The requests' ids, in the order of the posts.</returns>
    /// <exception cref="RefusedException">The body is refused; nothing of it was accepted.</exception>
    public async Task<IReadOnlyList<Guid>> AcceptAsync(string workflow, IngestedBody body, CancellationToken cancellationToken)
    {
        var definition = catalog.Find(workflow)
            ?? throw new RefusedException("workflow-not-found", $"There is no workflow '{workflow}'.");
        var births = await admission.ReadAsync(
            () => PostReader.Read(body.Utf8, options).Select((post, index) => Birth(definition, post, body, index)).ToList(), cancellationToken);
        try
        {
            await inbox.BeginAsync([.. births.Select(Works.Accept)], cancellationToken);
        }
        finally
        {
            admission.Saved(births.Count);
        }
        return [.. births.Select(birth => birth.Id)];
    }

    private static RequestBirth Birth(WorkflowDefinition definition, Post post, IngestedBody body, int index)
    {
        var (id, key) = RequestNaming.Name(definition.Name, definition.Key, post, body.SenderId, index);
        int? priority = body.Priority is > 0 and <= MaxPriority ? body.Priority : null;
        return new RequestBirth(definition, id, key, post.Utf8, priority, body.TraceParent ?? TraceParents.Of(id));
    }
}

/// <param name="SenderId">The sender's own id of the request, if it gave one.</param>
/// <param name="Priority">0 to 9; 0 leaves it to the workflow.</param>
/// <param name="TraceParent">W3C trace context of the sender.</param>
internal sealed record IngestedBody(ReadOnlyMemory<byte> Utf8, string? SenderId, int Priority, string? TraceParent);

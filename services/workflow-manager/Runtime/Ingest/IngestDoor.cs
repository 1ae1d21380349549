using Microsoft.Extensions.Logging;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>Where posts come in, from the exchange and by REST alike.</summary>
internal sealed partial class IngestDoor(
    WorkflowLoader workflows, Admission admission, WorkInbox inbox, WorkflowManagerOptions options, ILogger<IngestDoor> logger)
{
    public const int MaxPriority = 9;

    /// <summary>Accepts the posts of one body, all or none. Returns when they are saved.</summary>
    /// <returns>The requests' ids, in the order of the posts.</returns>
    /// <exception cref="RefusedException">The body is refused; nothing of it was accepted.</exception>
    public async Task<IReadOnlyList<Guid>> AcceptAsync(string workflow, IngestedBody body, CancellationToken cancellationToken)
    {
        var definition = await workflows.FindAsync(workflow, cancellationToken)
            ?? throw new RefusedException("workflow-not-found", $"There is no workflow '{workflow}'.");
        var births = await admission.ReadAsync(
            () => PostReader.Read(body.Utf8, options).Select((post, index) => Birth(definition, post, body, index)).ToList(), cancellationToken);
        try
        {
            return await BeginAsync(births, body, cancellationToken);
        }
        finally
        {
            admission.Saved(births.Count);
        }
    }

    /// <summary>
    /// Under the ids that the posts have by themselves; where another workflow's request or an item of a task has that id, under one
    /// derived from it, so that no post is lost. Delivered again, it meets the same request.
    /// </summary>
    private async Task<IReadOnlyList<Guid>> BeginAsync(IReadOnlyList<RequestBirth> births, IngestedBody body, CancellationToken cancellationToken)
    {
        var works = births.Select(Works.Accept).ToArray();
        await inbox.BeginAsync(works, cancellationToken);
        if (works.Any(work => work.IsTaken))
            await BeginAsideAsync(births, works, body, cancellationToken);
        return [.. works.Select(work => work.RequestId)];
    }

    private async Task BeginAsideAsync(IReadOnlyList<RequestBirth> births, RequestWork[] works, IngestedBody body, CancellationToken cancellationToken)
    {
        var taken = Enumerable.Range(0, works.Length).Where(index => works[index].IsTaken).ToList();
        foreach (var index in taken)
        {
            var id = RequestNaming.NameAside(births[index].Definition.Name, births[index].Id);
            LogTaken(logger, births[index].Id, births[index].Definition.Name, id);
            works[index] = Works.Accept(births[index] with { Id = id, TraceParent = body.TraceParent ?? TraceParents.Of(id) });
        }
        await inbox.BeginAsync([.. taken.Select(index => works[index])], cancellationToken);
        if (works.FirstOrDefault(work => work.IsTaken) is { } lost)
            throw new RefusedException("id-taken", $"The id {lost.RequestId} is that of another workflow's request; send another id, or none.");
    }

    private static RequestBirth Birth(WorkflowDefinition definition, Post post, IngestedBody body, int index)
    {
        var (id, key) = RequestNaming.Name(definition.Name, definition.Key, post, body.SenderId, index);
        int? priority = body.Priority is > 0 and <= MaxPriority ? body.Priority : null;
        return new RequestBirth(definition, id, key, post.Utf8, priority, body.TraceParent ?? TraceParents.Of(id));
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The id {SenderId} that a sender gave a post for {Workflow} is that of a request of another workflow or of an item of a task; its request is {RequestId}")]
    private static partial void LogTaken(ILogger logger, Guid senderId, string workflow, Guid requestId);
}

/// <param name="SenderId">The sender's own id of the request, if it gave one.</param>
/// <param name="Priority">0 to 9; 0 leaves it to the workflow.</param>
/// <param name="TraceParent">W3C trace context of the sender.</param>
internal sealed record IngestedBody(ReadOnlyMemory<byte> Utf8, string? SenderId, int Priority, string? TraceParent);

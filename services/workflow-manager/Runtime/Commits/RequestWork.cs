using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Runtime.Commits;

internal enum WorkOutcome
{
    Pending,

    /// <summary>The request changed, and that is saved.</summary>
    Saved,

    /// <summary>A duplicate, or too late to matter: nothing to save.</summary>
    Unchanged,

    /// <summary>No such request is stored.</summary>
    UnknownRequest,

    /// <summary>It can't be done; whoever brought it gets the exception.</summary>
    Failed,
}

/// <summary>Something that is to happen to one request. What it means is decided when its state is at hand.</summary>
/// <param name="describe">The event for the request as it stands; null if it means nothing there.</param>
internal sealed class RequestWork(Guid requestId, Func<RunningRequest, DateTimeOffset, RequestEvent?> describe)
{
    public Guid RequestId { get; } = requestId;

    /// <summary>Set if the work may begin the request.</summary>
    public RequestBirth? Birth { get; init; }

    /// <summary>Payload or output that comes with it.</summary>
    public int Bytes { get; init; }

    public WorkOutcome Outcome { get; set; }

    /// <summary>Why the outcome is <see cref="WorkOutcome.Failed"/>.</summary>
    public Exception? Failure { get; set; }

    /// <summary>
    /// The work would begin a request under an id that another one has, of another workflow or of a task: then it changes nothing.
    /// </summary>
    public bool IsTaken { get; private set; }

    /// <exception cref="InvalidOperationException">The id of a task's child is taken, so that its parent would wait for ever.</exception>
    public RequestEvent? Describe(RunningRequest request, DateTimeOffset now)
    {
        IsTaken = Birth?.IsOf(request) == false;
        if (IsTaken && Birth!.Parent is not null)
            throw new InvalidOperationException($"The id {RequestId} of an item of request {Birth.Parent.RequestId} is another request's.");
        return IsTaken ? null : describe(request, now);
    }
}

/// <summary>What a new request begins with.</summary>
/// <param name="ParentName">For a task's child: the name under which the parent keeps it.</param>
/// <param name="Deadline">For a task's child: when its parent stops to wait.</param>
internal sealed record RequestBirth(
    WorkflowDefinition Definition, Guid Id, string? Key, ReadOnlyMemory<byte> Input, int? Priority, string? TraceParent,
    int Scope = WorkflowDefinition.TopScope, ParentPlace? Parent = null, string? ParentName = null,
    DateTimeOffset? Deadline = null)
{
    /// <summary>Where the child belongs; null for a request of its own.</summary>
    public ParentReference? ParentReference => Parent is null ? null : new ParentReference(Parent.RequestId, ParentName!, Parent.Index);

    /// <summary>True of the request that it began, whatever has become of it; the same id may have been given to another.</summary>
    public bool IsOf(RunningRequest request) => request.Record.Workflow == Definition.Name && request.Record.Parent == ParentReference;

    public RequestEvent.Accepted ToEvent(DateTimeOffset now) =>
        new(now, Id, Input) { Priority = Priority, Scope = Scope, Parent = Parent, Deadline = Deadline };
}

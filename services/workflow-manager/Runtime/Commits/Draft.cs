using System.Collections.Immutable;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>One request while a group is decided: any number of events make one change.</summary>
internal sealed class Draft(RunningRequest? before)
{
    public RunningRequest? Current { get; private set; } = before;

    public ImmutableArray<Effect> Effects { get; private set; } = [];

    public ImmutableArray<TimelineEvent> Timeline { get; private set; } = [];

    public bool HasChanged { get; private set; }

    /// <returns>False if the work changes nothing.</returns>
    public bool Apply(RequestWork work, StepGates gates, DateTimeOffset now)
    {
        var request = Current ?? (work.Birth is { } birth ? Begin(birth, now) : null);
        if (request is null || work.Describe(request, now) is not { } happened)
            return false;
        var transition = WorkflowEngine.Apply(
            request.Definition, request.State, happened with { Gates = gates.For(request.Definition, request.State.Scope) });
        if (!transition.HasChanged)
            return false;
        Current = request with { State = transition.State };
        Effects = Effects.AddRange(transition.Effects);
        Timeline = Timeline.AddRange(transition.Timeline);
        return HasChanged = true;
    }

    private static RunningRequest Begin(RequestBirth birth, DateTimeOffset now) => new(
        new RequestRecord
        {
            Id = birth.Id,
            Workflow = birth.Definition.Name,
            DefinitionHash = birth.Definition.Hash,
            Key = birth.Key,
            Status = RequestStatus.Running.Name(),
            CreatedAt = now,
            UpdatedAt = now,
            Parent = birth.Parent is { } parent ? new ParentReference(parent.RequestId, birth.ParentName!, parent.Index) : null,
            Version = 0,
            State = default,
        },
        birth.Definition, RequestState.None, birth.TraceParent);
}

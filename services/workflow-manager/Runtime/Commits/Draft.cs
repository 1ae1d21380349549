using System.Collections.Immutable;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>One request while a group is open: any number of events make one change.</summary>
/// <param name="before">As committed; null if the request is about to begin.</param>
internal sealed class Draft(RunningRequest? before)
{
    private readonly RunningRequest? _before = before;
    private ImmutableArray<Effect> _effects = [];
    private ImmutableArray<TimelineEvent> _timeline = [];

    public RunningRequest? Current { get; private set; } = before;

    public bool HasChanged => !ReferenceEquals(Current, _before);

    /// <summary>As last written; what was applied since is not in it.</summary>
    public PreparedChange? Change { get; private set; }

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
        _effects = _effects.AddRange(transition.Effects);
        _timeline = _timeline.AddRange(transition.Timeline);
        return true;
    }

    public void Write() => Change = ChangeWriter.Write(_before, Current!, _effects, _timeline);

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
            Parent = birth.ParentReference,
            Version = 0,
            State = default,
        },
        birth.Definition, RequestState.None, birth.TraceParent);
}

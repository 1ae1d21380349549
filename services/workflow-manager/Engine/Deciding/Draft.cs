using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>A transition while it is being decided. It lives within one call and is seen by nobody else.</summary>
internal sealed class Draft(WorkflowDefinition definition, RequestState state, RequestEvent happened)
{
    private const int MaxNotes = 100;
    private const int KeptRepeats = 32;

    private readonly ImmutableArray<Effect>.Builder _effects = ImmutableArray.CreateBuilder<Effect>(2);
    private readonly ImmutableArray<TimelineEvent>.Builder _timeline = ImmutableArray.CreateBuilder<TimelineEvent>(4);
    private StepState[] _steps = [.. state.Steps.IsDefault ? [] : state.Steps.AsSpan()];

    public WorkflowDefinition Definition { get; } = definition;

    public StepGraph Graph { get; private set; } = definition.GraphOf(state.Scope);

    /// <summary>The request itself; its steps are in <see cref="this[int]"/>.</summary>
    public RequestState Request { get; private set; } = state;

    public DateTimeOffset Now { get; } = happened.At;

    public int Count => _steps.Length;

    public bool HasChanged { get; private set; }

    public StepState this[int step]
    {
        get => _steps[step];
        set
        {
            _steps[step] = value;
            HasChanged = true;
        }
    }

    /// <summary>The request with its steps as they are now, to read bodies from; valid until the next change.</summary>
    public RequestState Snapshot => Request with { Steps = ImmutableCollectionsMarshal.AsImmutableArray(_steps) };

    public StepGate GateOf(int step) => happened.Gates.IsDefaultOrEmpty ? StepGate.Open : happened.Gates[step];

    public bool IsStep(int step) => step >= 0 && step < _steps.Length;

    public void Change(RequestState request)
    {
        Request = request;
        HasChanged = true;
    }

    public void Begin(RequestState request)
    {
        Change(request);
        Graph = Definition.GraphOf(request.Scope);
        _steps = new StepState[Graph.Steps.Length];
        Array.Fill(_steps, StepState.New);
    }

    public void Ask(Effect effect) => _effects.Add(effect);

    public void Tell(TimelineKind kind, string? detail = null, StepFailure? failure = null) =>
        _timeline.Add(new TimelineEvent(Now, kind, Failure: failure, Detail: detail));

    public void Tell(
        TimelineKind kind, int step, StepFailure? failure = null, DateTimeOffset? until = null, string? detail = null, int? attempt = null)
    {
        attempt ??= _steps[step].Attempt > 0 ? _steps[step].Attempt : null;
        _timeline.Add(new TimelineEvent(Now, kind, Graph.Steps[step].Name, attempt, failure, until, detail));
    }

    /// <summary>What strangers can cause without end is told a hundred times at most.</summary>
    public void TellBounded(TimelineKind kind, string? detail)
    {
        if (Request.Notes >= MaxNotes)
            return;
        Change(Request with { Notes = Request.Notes + 1 });
        Tell(kind, detail);
    }

    /// <summary>What repeats is told 32 times, and from then on at every power of two.</summary>
    public static bool IsWorthTelling(int repeat) => repeat <= KeptRepeats || BitOperations.IsPow2(repeat);

    public Transition Build(RequestState before)
    {
        if (!HasChanged)
            return Transition.Unchanged(before);
        var after = Request with
        {
            Steps = ImmutableCollectionsMarshal.AsImmutableArray(_steps),
            UpdatedAt = Now,
            DueAt = Request.IsFinished ? null : EarliestDue(),
        };
        return new Transition(after, _effects.DrainToImmutable(), _timeline.DrainToImmutable(), true);
    }

    private DateTimeOffset? EarliestDue()
    {
        var earliest = Request.HeldSince is null ? Request.TimeoutAt : null;
        foreach (var step in _steps)
        {
            if (step.DueAt is { } due && (earliest is null || due < earliest))
                earliest = due;
        }
        return earliest;
    }
}

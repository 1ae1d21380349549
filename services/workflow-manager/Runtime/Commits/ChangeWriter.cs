using System.Collections.Immutable;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>Turns what the engine decided into what the store saves.</summary>
internal static class ChangeWriter
{
    public static PreparedChange Write(
        RunningRequest? before, RunningRequest draft, ImmutableArray<Effect> effects, ImmutableArray<TimelineEvent> timeline)
    {
        var (state, steps) = (draft.State, draft.Graph.Steps);
        var record = draft.Record with
        {
            Status = state.Status.Name(),
            ErrorCode = state.Status == RequestStatus.Failed ? state.Failure?.Type : null,
            ErrorStep = state.Status == RequestStatus.Failed && state.FailedStep >= 0 ? steps[state.FailedStep].Name : null,
            UpdatedAt = state.UpdatedAt,
            FinishedAt = state.FinishedAt,
            DueAt = state.DueAt,
            Version = (before?.Record.Version ?? 0) + 1,
            State = StateCodec.Write(state, draft.TraceParent),
        };
        var change = new RequestChange
        {
            Record = record,
            Outputs = WriteOutputs(before?.State, draft),
            Timeline = TimelineCodec.Write(timeline),
            Effects = EffectCodec.Write(effects),
            Counts = WriteCounts(before?.State, draft),
        };
        return new PreparedChange(
            change, draft with { Record = record }, effects, OfSteps(draft, timeline),
            HasBegun: before?.IsFinished != false && !state.IsFinished, HasFinished: before?.IsFinished == false && state.IsFinished);
    }

    private static List<(int, TimelineEvent)> OfSteps(RunningRequest draft, ImmutableArray<TimelineEvent> timeline)
    {
        var happened = new List<(int, TimelineEvent)>(timeline.Length);
        foreach (var each in timeline)
        {
            if (each.Step is not null && draft.Graph.IndexOf(each.Step) is >= 0 and var step)
                happened.Add((step, each));
        }
        return happened;
    }

    private static List<OutputRecord> WriteOutputs(RequestState? before, RunningRequest draft)
    {
        var outputs = new List<OutputRecord>(1);
        if (before is null)
            outputs.Add(new OutputRecord(OutputRecord.Input, draft.State.Input));
        for (var index = 0; index < draft.State.Steps.Length; index++)
        {
            if (draft.State.Steps[index].Output is { } output && !output.Equals(before?.Steps[index].Output ?? default))
                outputs.Add(new OutputRecord(draft.Graph.Steps[index].Name, output));
        }
        // The result of a top-level request is merged again whenever it is asked for; a child's is read by its parent.
        if (draft.State.Parent is not null && RequestResult.Of(draft.Definition, draft.State) is { } result)
            outputs.Add(new OutputRecord(OutputRecord.Result, result));
        return outputs;
    }

    /// <summary>Steps that wait for others are not counted: what stands where is what has begun.</summary>
    private static List<CountDelta> WriteCounts(RequestState? before, RunningRequest draft)
    {
        var counts = new List<CountDelta>();
        var (workflow, state) = (draft.Definition.Name, draft.State);
        if (state.Parent is null && before?.Status != state.Status)
        {
            if (before is not null)
                counts.Add(new CountDelta(workflow, "", before.Status.Name(), -1));
            counts.Add(new CountDelta(workflow, "", state.Status.Name(), 1));
        }
        for (var index = 0; index < state.Steps.Length; index++)
        {
            var (old, now) = (before?.Steps[index].Status ?? StepStatus.Waiting, state.Steps[index].Status);
            if (old == now)
                continue;
            var step = draft.KeyOf(index).Step;
            if (old != StepStatus.Waiting)
                counts.Add(new CountDelta(workflow, step, old.Name(), -1));
            if (now != StepStatus.Waiting)
                counts.Add(new CountDelta(workflow, step, now.Name(), 1));
        }
        return counts;
    }
}

/// <param name="After">The request as it will be once the change is saved.</param>
/// <param name="Steps">What happened to steps, for those who want to know.</param>
/// <param name="HasBegun">It runs, and before it did not: new, or redriven.</param>
/// <param name="HasFinished">It ran, and now it does not.</param>
internal sealed record PreparedChange(
    RequestChange Change, RunningRequest After, ImmutableArray<Effect> Effects, IReadOnlyList<(int Step, TimelineEvent Happened)> Steps,
    bool HasBegun, bool HasFinished);

using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Properties;

/// <summary>What holds after every transition, whatever happened.</summary>
internal static class Invariants
{
    public static void Check(WorkflowDefinition definition, RequestState before, Transition transition)
    {
        var after = transition.State;
        var graph = definition.GraphOf(after.Scope);
        Assert.Equal(graph.Steps.Length, after.Steps.Length);
        Assert.Equal(after.Status != RequestStatus.Running, after.FinishedAt is not null);
        if (after.IsFinished)
            Assert.All(after.Steps, step => Assert.True(step.IsFinished && step.DueAt is null && step.Hold == StepHold.None));
        else
            Assert.True(after.Steps.Any(step => step.IsActive), "A running request has nothing to wait for.");
        for (var step = 0; step < after.Steps.Length; step++)
        {
            var started = after.Steps[step].Status is not (StepStatus.Waiting or StepStatus.Cancelled) || after.Steps[step].Hold != StepHold.None;
            if (started)
                Assert.All(graph.Dependencies[step], dependency => Assert.True(after.Steps[dependency].IsDone));
            if (!before.Steps.IsDefault)
                Assert.True(after.Steps[step].Attempt >= before.Steps[step].Attempt, "Attempts only grow.");
            if (after.Steps[step].Status == StepStatus.Dispatched && graph.Steps[step].Timeout is not null)
                Assert.True(after.Steps[step].DueAt is not null, "A dispatched step has lost its timer.");
            if (after.Steps[step].Task is { } task)
                Assert.True(task.Finished.Count <= task.Started && task.Started <= task.Total);
        }
        var earliest = after.Steps.Select(step => step.DueAt).Append(after.HeldSince is null ? after.TimeoutAt : null).Where(due => due is not null).Min();
        Assert.Equal(after.IsFinished ? null : earliest, after.DueAt);
        var isHeld = after.Steps.All(step => !step.IsActive || step.Hold == StepHold.Paused);
        Assert.Equal(!after.IsFinished && isHeld && (after.TimeoutAt ?? after.Deadline) is not null, after.HeldSince is not null);
        // A redriven request may end in the same breath, if all that runs again is skipped or has no items.
        var wasOpen = !before.IsFinished || transition.Timeline.Any(told => told.Kind == TimelineKind.Redriven);
        Assert.Equal(after.IsFinished && wasOpen, transition.Effects.Any(effect => effect is Effect.FinishRequest or Effect.NotifyParent));
    }
}

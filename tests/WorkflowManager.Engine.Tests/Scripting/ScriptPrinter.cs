using System.Text;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Scripting;

/// <summary>Says a transition in words: what is told on the timeline, what is done, and how things stand now.</summary>
internal static class ScriptPrinter
{
    public static string Print(WorkflowDefinition definition, Transition transition)
    {
        if (!transition.HasChanged)
            return "nothing\n";
        var text = new StringBuilder();
        foreach (var told in transition.Timeline)
            text.Append("told: ").Append(Print(told)).Append('\n');
        foreach (var effect in transition.Effects)
            text.Append("does: ").Append(Print(definition, transition.State, effect)).Append('\n');
        return text.Append("now:  ").Append(Print(definition, transition.State)).Append('\n').ToString();
    }

    public static string Print(WorkflowDefinition definition, RequestState state)
    {
        var steps = definition.GraphOf(state.Scope).Steps;
        var words = state.Steps.Select((step, index) => $"{steps[index].Name} {Print(step)}");
        var due = state.DueAt is null ? "" : $"; look again at {Moments.Show(state.DueAt)}";
        return $"{state.Status.ToString().ToLowerInvariant()}: {string.Join(", ", words)}{due}";
    }

    private static string Print(StepState step)
    {
        var text = step.Status.ToString().ToLowerInvariant();
        if (step.Hold != StepHold.None)
            text += $" ({step.Hold.ToString().ToLowerInvariant()}{(step.MissedSlot is { } missed ? $", missed {Moments.Show(missed)}" : "")})";
        if (step is { Task: { } task, Status: StepStatus.Dispatched })
            text += $" ({task.Finished.Count}/{task.Started}/{task.Total})";
        return text;
    }

    private static string Print(TimelineEvent told)
    {
        var text = told.Step is null ? "request " + told.Kind.Name() : $"{told.Step} {told.Kind.Name()}";
        if (told.Attempt is { } attempt)
            text += $" #{attempt}";
        if (told.Until is { } until)
            text += $" until {Moments.Show(until)}";
        if (told.Failure is { } failure)
            text += $" [{failure.Type}: {failure.Message}]";
        return told.Detail is null ? text : $"{text} ({told.Detail})";
    }

    private static string Print(WorkflowDefinition definition, RequestState state, Effect effect)
    {
        string Name(int step) => definition.GraphOf(state.Scope).Steps[step].Name;
        return effect switch
        {
            Effect.DispatchStep send => $"dispatch {Name(send.Step)} #{send.Attempt} {Text(StepInput.Of(definition, state, send.Step))}",
            Effect.AcquirePermit ask => $"ask a permit for {Name(ask.Step)}",
            Effect.StartChildren start => $"start children {start.FromIndex}..{start.FromIndex + start.Count - 1} of {Name(start.Step)} #{start.Attempt}",
            Effect.CancelDispatch cancel => $"cancel what waits for {Name(cancel.Step)} up to #{cancel.Attempt}",
            Effect.CancelChildren cancel => $"cancel the {cancel.Count} children of {Name(cancel.Step)} #{cancel.Attempt}",
            Effect.GatherChildren gather => $"gather the children of {Name(gather.Step)} #{gather.Attempt}",
            Effect.FinishRequest => RequestResult.Of(definition, state) is { } result ? $"publish {Text(result)}" : "publish " + state.Status.ToString().ToLowerInvariant(),
            Effect.NotifyParent notify => $"tell the parent that item {notify.Place.Index} {(notify.Failed ? "failed" : "completed")}",
            _ => throw new InvalidOperationException(effect.ToString()),
        };
    }

    public static string Text(ReadOnlyMemory<byte> body) => Encoding.UTF8.GetString(body.Span);
}

using System.Globalization;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>A step that runs a task: fan out, a bounded number at a time; gather when the last child has ended.</summary>
internal static class TaskProgress
{
    public static void Start(Draft draft, int step)
    {
        var task = TaskOf(draft, step);
        var input = StepInput.Of(draft.Definition, draft.Snapshot, step);
        var total = TaskItems.Count(input.Span, task.ItemListKey);
        draft[step] = draft[step] with
        {
            Status = StepStatus.Dispatched,
            Hold = StepHold.None,
            Attempt = draft[step].Attempt + 1,
            StartedAt = draft[step].StartedAt ?? draft.Now,
            DispatchedAt = draft.Now,
            DueAt = draft.Now + draft.Graph.Steps[step].Timeout,
        };
        if (Problem(draft, step, task, total) is { } failure)
            Failures.FailStep(draft, step, failure);
        else if (total == 0)
            Progress.Complete(draft, step, new Gather(task, input, long.MaxValue).Complete().Output, "no items");
        else
            FanOut(draft, step, total, Math.Min(total, task.MaxParallel));
    }

    public static void FinishChild(Draft draft, RequestEvent.ChildFinished finished)
    {
        var step = finished.Step;
        if (!IsRunning(draft, step, finished.Attempt) || draft[step].Task is not { } task)
            return;
        if (finished.Index < 0 || finished.Index >= task.Started || task.Finished.Contains(finished.Index))
            return;
        task = task with { Finished = task.Finished.Add(finished.Index), Failed = task.Failed + (finished.Failed ? 1 : 0) };
        draft[step] = draft[step] with { Task = task };
        TopUp(draft, step);
        if (task.Finished.Count == task.Total)
            draft.Ask(new Effect.GatherChildren(step, finished.Attempt));
    }

    /// <summary>Starts as many more items as may run at once, unless the step is paused: then what runs goes on, and no more is started.</summary>
    public static void TopUp(Draft draft, int step)
    {
        if (draft[step].Task is not { } task || task.Started == task.Total)
            return;
        if (draft.GateOf(step).IsPaused)
        {
            if (draft[step].Hold != StepHold.Paused)
            {
                draft.Tell(TimelineKind.Held, step, detail: $"{Items(task.Total - task.Started)} not started");
                draft[step] = draft[step] with { Hold = StepHold.Paused };
            }
            return;
        }
        var room = TaskOf(draft, step).MaxParallel - (task.Started - task.Finished.Count);
        var more = Math.Clamp(task.Total - task.Started, 0, Math.Max(0, room));
        draft[step] = draft[step] with { Hold = StepHold.None, Task = task with { Started = task.Started + more } };
        if (more > 0)
            draft.Ask(new Effect.StartChildren(step, draft[step].Attempt, task.Started, more));
    }

    public static void Gathered(Draft draft, RequestEvent.ChildrenGathered gathered)
    {
        var step = gathered.Step;
        if (!IsRunning(draft, step, gathered.Attempt) || draft[step].Task is not { } task || task.Finished.Count < task.Total)
            return;
        if (gathered.Failure is { } failure)
            Failures.FailStep(draft, step, failure);
        else
            Progress.Complete(draft, step, gathered.Output, task.Failed == 0 ? null : Items(task.Failed) + " failed");
    }

    private static void FanOut(Draft draft, int step, int total, int first)
    {
        draft[step] = draft[step] with { Task = new TaskState { Total = total, Started = first } };
        draft.Tell(TimelineKind.Dispatched, step, detail: Items(total));
        draft.Ask(new Effect.StartChildren(step, draft[step].Attempt, 0, first));
    }

    private static StepFailure? Problem(Draft draft, int step, TaskDefinition task, int total)
    {
        if (total < 0)
            return new StepFailure(
                FailureTypes.ItemListMissing,
                $"The input of step '{draft.Graph.Steps[step].Name}' has no list under '{task.ItemListKey}', which task '{task.Name}' runs over.");
        return total <= draft.Definition.MaxItems
            ? null
            : new StepFailure(
                FailureTypes.TooManyItems,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The list '{task.ItemListKey}' has {total} items; at most {draft.Definition.MaxItems} are taken (maxItems)."));
    }

    private static bool IsRunning(Draft draft, int step, int attempt) =>
        draft.IsStep(step) && draft[step].Status == StepStatus.Dispatched && draft[step].Attempt == attempt;

    private static TaskDefinition TaskOf(Draft draft, int step) =>
        draft.Definition.Tasks[draft.Definition.IndexOfTask(draft.Graph.Steps[step].Task!)];

    private static string Items(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} item{(count == 1 ? "" : "s")}");
}

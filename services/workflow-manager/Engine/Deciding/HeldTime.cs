using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>
/// The request's timeout stands still while nothing but an operator's pause keeps the request. Time that a rate limit, a worker's retry-after
/// or a retry takes is the request's own.
/// </summary>
internal static class HeldTime
{
    /// <summary>After each change: begins to count, or gives back what was held.</summary>
    public static void Follow(Draft draft)
    {
        var request = draft.Request;
        if (!draft.HasChanged || (request.TimeoutAt ?? request.Deadline) is null)
            return;
        var isHeld = !request.IsFinished && IsHeld(draft);
        if (isHeld && request.HeldSince is null)
            draft.Change(request with { HeldSince = draft.Now });
        else if (!isHeld && draft.Now - request.HeldSince is { } held)
            draft.Change(request with { HeldSince = null, TimeoutAt = request.TimeoutAt + held, Deadline = request.Deadline + held });
    }

    /// <summary>
    /// Items of a task are held each by itself, and their parent is told of no pause. So a timeout that comes while they may be held begins anew.
    /// </summary>
    public static bool MayItemsBeHeld(Draft draft) => AllActive(draft, step =>
        draft[step].Hold == StepHold.Paused || (draft.Graph.Steps[step].Task is not null && draft.GateOf(step).IsPaused));

    private static bool IsHeld(Draft draft) => AllActive(draft, step => draft[step].Hold == StepHold.Paused);

    private static bool AllActive(Draft draft, Func<int, bool> holds)
    {
        for (var step = 0; step < draft.Count; step++)
        {
            if (draft[step].IsActive && !holds(step))
                return false;
        }
        return true;
    }
}

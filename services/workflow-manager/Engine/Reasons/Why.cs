using System.Globalization;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Reasons;

/// <summary>The answer to "why does it not go on?".</summary>
public static class Why
{
    /// <summary>The most telling reason of all branches; null for a completed request.</summary>
    public static WhyReason? Of(WorkflowDefinition definition, RequestState state, DateTimeOffset now, WhyFacts facts)
    {
        var steps = definition.GraphOf(state.Scope).Steps;
        switch (state.Status)
        {
            case RequestStatus.Failed:
                return OfFailure(state, steps);
            case RequestStatus.Cancelled:
                return new WhyReason(WhyCodes.Cancelled, $"Cancelled by {state.CancelledBy}.");
            case RequestStatus.Completed:
                return null;
        }
        WhyReason? best = null;
        for (var step = 0; step < state.Steps.Length; step++)
        {
            if (OfStep(steps[step], state.Steps[step], now, facts.For(step)) is { } reason && IsWeightier(reason, best))
                best = reason;
        }
        return best is null ? null : best with { Sentence = best.Sentence + OfTimeout(state, best.Until) };
    }

    /// <summary>Says more about what has to be done than the other.</summary>
    public static bool IsWeightier(WhyReason reason, WhyReason? other) => other is null || Weight(reason) < Weight(other);

    /// <summary>What the request's own timeout has to do with it.</summary>
    private static string OfTimeout(RequestState state, DateTimeOffset? until) => state switch
    {
        { TimeoutAt: { } timeout, HeldSince: { } since } =>
            $" The request's timeout stands still meanwhile; {Length(timeout - since)} of it are left.",
        { TimeoutAt: { } timeout } when until > timeout => $" That is after the request's timeout: it fails at {Show(timeout)}.",
        _ => "",
    };

    /// <summary>Null if the step has ended or waits for other steps.</summary>
    public static WhyReason? OfStep(StepDefinition definition, StepState step, DateTimeOffset now, StepFacts facts)
    {
        var name = definition.Name;
        return step switch
        {
            { Hold: StepHold.Paused } => new WhyReason(WhyCodes.Paused, $"Step '{name}' is paused{By(facts)}.", name),
            { IsActive: true, Status: not StepStatus.Dispatched } when facts.PausedBy is not null =>
                new WhyReason(WhyCodes.Paused, $"Step '{name}' is paused{By(facts)}{Otherwise(step, facts)}.", name),
            { Hold: StepHold.Permit or StepHold.Slot } when definition.RateLimit is null => new WhyReason(
                WhyCodes.Throttled, $"Step '{name}' was held because a worker asked to wait; what was held goes little by little{Turn(step)}.{Because(step, facts)}", name,
                step.DueAt),
            { Hold: StepHold.Permit } => new WhyReason(
                WhyCodes.RateLimited, $"Step '{name}' waits for its rate limit{Ahead(facts)}.{Because(step, facts)}", name, null, facts.Ahead),
            { Hold: StepHold.Slot } => new WhyReason(
                WhyCodes.RateLimited, $"Step '{name}' is held by its rate limit until {Show(facts.Turn ?? step.DueAt)}{Ahead(facts)}.{Because(step, facts)}", name,
                facts.Turn ?? step.DueAt, facts.Ahead),
            { Status: StepStatus.Throttled } => new WhyReason(
                WhyCodes.Throttled,
                $"A worker of step '{name}' asked to wait until {Show(step.DueAt)}{(definition.RateLimit is null ? "" : "; then its turn comes by its rate limit")}.{Because(step, facts)}",
                name, step.DueAt, facts.Ahead),
            { Status: StepStatus.Retrying } => new WhyReason(
                WhyCodes.RetryScheduled,
                $"Step '{name}' tries again at {Show(step.DueAt)} ({step.Failures} of {definition.Retry.Attempts} attempts failed, "
                + $"the last with {step.Failure?.Type}: {step.Failure?.Message}).",
                name, step.DueAt),
            { Status: StepStatus.Dispatched, Task: { } task } => OfTask(name, task, step, facts.Item),
            { Status: StepStatus.Dispatched } => OfDispatched(definition, step, now, facts),
            _ => null,
        };
    }

    private static WhyReason OfFailure(RequestState state, System.Collections.Immutable.ImmutableArray<StepDefinition> steps)
    {
        var step = state.FailedStep >= 0 ? steps[state.FailedStep].Name : null;
        var where = step is null ? "Failed" : $"Step '{step}' failed";
        return new WhyReason(WhyCodes.Failed, $"{where} with {state.Failure?.Type}: {state.Failure?.Message}", step);
    }

    /// <summary>What holds an item, if that says more than that items are on their way.</summary>
    private static WhyReason OfTask(string name, TaskState task, StepState step, ItemReason? item)
    {
        if (task.Finished.Count == task.Total)
            return new WhyReason(WhyCodes.Gathering, $"All {task.Total} items of step '{name}' have ended and are being put together.", name);
        var running = new WhyReason(
            WhyCodes.ChildrenRunning,
            $"{task.Finished.Count} of {task.Total} items of step '{name}' have ended, {task.Started - task.Finished.Count} are on their way.",
            name, step.DueAt);
        if (item is null)
            return running;
        var sentence = $"{running.Sentence} Item {item.Index}: {item.Reason.Sentence}";
        return IsWeightier(item.Reason, running)
            ? item.Reason with { Sentence = sentence, Step = item.Reason.Step is { } inner ? $"{name}.{inner}" : name }
            : running with { Sentence = sentence };
    }

    private static WhyReason OfDispatched(StepDefinition definition, StepState step, DateTimeOffset now, StepFacts facts)
    {
        var (name, queue) = (definition.Name, definition.Queue);
        var until = definition.Timeout is null ? "" : " Its timeout begins then.";
        if (facts.Refusal is { } refusal)
            return new WhyReason(refusal.Code, Refused(queue, name, refusal) + until, name, Ahead: facts.Messages);
        if (facts.IsQueueMissing)
            return new WhyReason(
                WhyCodes.QueueMissing,
                $"Queue '{queue}' of step '{name}' does not exist any more, and what lay in it is lost: "
                + (step.DueAt > now
                    ? $"the step is tried again at {Show(step.DueAt)}, or sooner if the request is restarted from it."
                    : "restart the request from this step, which makes the queue anew."),
                name, step.DueAt);
        if (facts.IsBrokerAway)
            return new WhyReason(
                WhyCodes.BrokerUnreachable,
                $"Step '{name}' was sent or is to be sent to queue '{queue}', and the broker does not answer: nothing is lost, it goes on once the broker is back."
                + (definition.Timeout is null ? "" : " Its timeout does not run out before."),
                name);
        if (facts.IsUnsent)
            return new WhyReason(
                WhyCodes.NotSent, $"Step '{name}' is on its way to queue '{queue}' since {Show(step.DispatchedAt)}, and the broker has not taken it yet.{until}", name);
        if (facts.Consumers == 0)
            return new WhyReason(
                WhyCodes.NoConsumer, $"Queue '{queue}' of step '{name}' has no consumer: no worker is running.", name, step.DueAt, facts.Messages);
        if (step.DueAt <= now)
            return new WhyReason(WhyCodes.ReplyOverdue, $"The reply to step '{name}' is overdue since {Show(step.DueAt)}.", name);
        if (facts.Messages > 0)
            return new WhyReason(
                WhyCodes.Queued, $"Step '{name}' was sent at {Show(SentAt(definition, step))}; {facts.Messages} messages lie in queue '{queue}'.",
                name, step.DueAt, facts.Messages);
        return new WhyReason(
            WhyCodes.WaitingForReply,
            $"Step '{name}' was sent to queue '{queue}' at {Show(SentAt(definition, step))} (attempt {step.Attempt}), {Length(now - (SentAt(definition, step) ?? now))} ago, and a worker has not replied yet"
            + (facts.Messages == 0 ? "; the queue is empty, so one has it or has lost it" : "")
            + (definition.Timeout is null ? ". The step has no timeout: if the reply is lost, restart the request from this step." : "."),
            name, step.DueAt);
    }

    /// <summary>The timer runs from when the broker had it, which may be long after it was to be sent.</summary>
    private static DateTimeOffset? SentAt(StepDefinition definition, StepState step) =>
        step.DueAt - definition.Timeout is { } sent && sent > step.DispatchedAt ? sent : step.DispatchedAt;

    private static string Refused(string queue, string name, QueueRefusal refusal) => refusal.Code switch
    {
        WhyCodes.QueueFull => $"Queue '{queue}' of step '{name}' is full or failing and refuses the message; it is sent once there is room.",
        WhyCodes.QueueUnavailable =>
            $"Queue '{queue}' of step '{name}' confirms no message, as one without a leader ({refusal.Reason}); it is sent once the queue is back.",
        _ => $"Queue '{queue}' of step '{name}' did not take the message: {refusal.Reason}.",
    };

    private static int Weight(WhyReason reason) => WhyCodes.ByWeight.IndexOf(reason.Code);

    private static string By(StepFacts facts) =>
        facts.PausedBy is null ? "" : $" by {facts.PausedBy}{(facts.PausedAt is null ? "" : $" since {Show(facts.PausedAt)}")}";

    private static string Because(StepState step, StepFacts facts) =>
        (step.ThrottleReason ?? facts.ThrottleReason) is { } reason ? $" The worker's reason: {reason}" : "";

    /// <summary>What it would wait for without the pause.</summary>
    private static string Otherwise(StepState step, StepFacts facts) => (facts.Turn ?? step.DueAt) is not { } at ? ""
        : step.Status == StepStatus.Retrying ? $"; it would try again at {Show(at)}" : $"; its turn would come at {Show(at)}";

    private static string Turn(StepState step) => step.DueAt is null ? "" : $", this at {Show(step.DueAt)}";

    private static string Ahead(StepFacts facts) =>
        facts.Ahead is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {facts.Ahead} ahead");

    /// <summary>In its largest unit, rounded down.</summary>
    private static string Length(TimeSpan length) => length switch
    {
        { TotalDays: >= 2 } => Whole(length.TotalDays, "d"),
        { TotalHours: >= 2 } => Whole(length.TotalHours, "h"),
        { TotalMinutes: >= 2 } => Whole(length.TotalMinutes, "min"),
        _ => Whole(length.TotalSeconds, "s"),
    };

    private static string Whole(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{(long)number} {unit}");

    private static string Show(DateTimeOffset? moment) =>
        moment?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "?";
}

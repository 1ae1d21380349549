using System.Collections.Immutable;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.WorkflowManager.Engine.Reasons;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>Says why a request does not go on, with what is known of its queues, gates and pauses.</summary>
internal sealed class WhyFinder(QueueFacts queues, StepHolds holds, UnsentDispatches unsent, Pauses pauses, RateGates gates, TimeProvider clock)
{
    public async Task<WhyView?> FindAsync(RunningRequest request, CancellationToken cancellationToken)
    {
        var facts = ImmutableArray.CreateBuilder<StepFacts?>(request.State.Steps.Length);
        for (var step = 0; step < request.State.Steps.Length; step++)
            facts.Add(request.State.Steps[step].IsActive ? await FindFactsAsync(request, step, cancellationToken) : null);
        var why = Why.Of(request.Definition, request.State, clock.GetUtcNow(), new WhyFacts(facts.MoveToImmutable()));
        return why is null ? null : new WhyView(why.Code, why.Sentence, why.Step, why.Until, why.Ahead);
    }

    private async Task<StepFacts> FindFactsAsync(RunningRequest request, int step, CancellationToken cancellationToken)
    {
        var (definition, state) = (request.Graph.Steps[step], request.State.Steps[step]);
        var pause = pauses.Find(request.KeyOf(step));
        var turn = Turn(request, step);
        var facts = new StepFacts { PausedBy = pause?.By, PausedAt = pause?.At, Turn = turn, Ahead = Ahead(request, step, turn) };
        if (state.Status != StepStatus.Dispatched || definition.Task is not null)
            return facts;
        var queue = await queues.FindAsync(definition.Queue, cancellationToken);
        return facts with
        {
            Consumers = queue.Depth?.Consumers,
            Messages = queue.Depth?.Messages,
            IsBrokerAway = !queue.IsReachable,
            IsUnsent = unsent.Find(request, new Effect.DispatchStep(step, state.Attempt)) is { } each && unsent.IsLate(each),
            IsQueueMissing = queue.IsMissing,
            Refusal = holds.Find(definition.Queue) is { } outcome ? new QueueRefusal(CodeOf(outcome), outcome.Reason ?? "no queue takes it") : null,
        };
    }

    private static string CodeOf(SendOutcome outcome) => outcome.Fault switch
    {
        QueueFault.Full => WhyCodes.QueueFull,
        QueueFault.Silent => WhyCodes.QueueUnavailable,
        _ => WhyCodes.Unroutable,
    };

    /// <summary>The slot, or later by as much as the gate is closed and those take who are let through before it.</summary>
    private DateTimeOffset? Turn(RunningRequest request, int step)
    {
        var (definition, state, now) = (request.Graph.Steps[step], request.State.Steps[step], clock.GetUtcNow());
        if (state.Hold != StepHold.Slot || definition.RateLimit is null || state.DueAt is not { } slot)
            return null;
        return gates.Find(request.KeyOf(step)).TurnOf(slot, state.Round, now);
    }

    /// <summary>Slots lie one interval apart from when the gate is open, so the wait says how many go first.</summary>
    private long? Ahead(RunningRequest request, int step, DateTimeOffset? turn)
    {
        if (turn is not { } at || request.Graph.Steps[step].RateLimit is not { } limit)
            return null;
        var (now, closedUntil) = (clock.GetUtcNow(), gates.Find(request.KeyOf(step)).ClosedUntil);
        return Math.Max(0, (at - (closedUntil > now ? closedUntil : now)).Ticks / limit.Interval.Ticks);
    }
}

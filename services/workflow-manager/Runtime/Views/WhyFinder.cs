using System.Collections.Immutable;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Reasons;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>Says why a request does not go on, with what is known of its queues, gates and pauses.</summary>
internal sealed class WhyFinder(
    QueueFacts queues, StepHolds holds, UnsentDispatches unsent, Pauses pauses, RateGates gates, StepLimits limits, IRequestReader store, WorkflowCatalog catalog, StoreClock clock)
{
    /// <summary>Of a task's running items those that wait for the longest; the others mostly wait for the same.</summary>
    private const int ItemsLookedAt = 4;

    public async Task<WhyView?> FindAsync(RunningRequest request, CancellationToken cancellationToken) =>
        await FindReasonAsync(request, cancellationToken) is { } why ? new WhyView(why.Code, why.Sentence, why.Step, why.Until, why.Ahead) : null;

    private async Task<WhyReason?> FindReasonAsync(RunningRequest request, CancellationToken cancellationToken)
    {
        var facts = ImmutableArray.CreateBuilder<StepFacts?>(request.State.Steps.Length);
        for (var step = 0; step < request.State.Steps.Length; step++)
            facts.Add(request.State.Steps[step].IsActive ? await FindFactsAsync(request, step, cancellationToken) : null);
        return Why.Of(request.Definition, request.State, clock.GetUtcNow(), new WhyFacts(facts.MoveToImmutable()));
    }

    private async Task<StepFacts> FindFactsAsync(RunningRequest request, int step, CancellationToken cancellationToken)
    {
        var (definition, state) = (request.Graph.Steps[step], request.State.Steps[step]);
        var pause = pauses.Find(request.KeyOf(step));
        var turn = Turn(request, step);
        var facts = new StepFacts
        {
            PausedBy = pause?.By,
            PausedAt = pause?.At,
            Turn = turn,
            Ahead = Ahead(request, step, turn),
            ThrottleReason = gates.Look(request.KeyOf(step), definition, clock.GetUtcNow()).Reason,
        };
        if (state.Status != StepStatus.Dispatched)
            return facts;
        if (state.Task is { } task)
            return facts with { Item = await FindItemAsync(request, step, task, cancellationToken) };
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

    private async Task<ItemReason?> FindItemAsync(RunningRequest request, int step, TaskState task, CancellationToken cancellationToken)
    {
        var name = ParentPlace.NameOf(request.Graph.Steps[step].Name, request.State.Steps[step].Attempt);
        ItemReason? weightiest = null;
        foreach (var index in Enumerable.Range(task.Finished.Floor, task.Started - task.Finished.Floor)
            .Where(index => !task.Finished.Contains(index)).Take(ItemsLookedAt))
        {
            if (await FindReasonAsync(RequestIds.ForChild(request.Id, name, index), cancellationToken) is { } reason
                && Why.IsWeightier(reason, weightiest?.Reason))
                weightiest = new ItemReason(index, reason);
        }
        return weightiest;
    }

    private async Task<WhyReason?> FindReasonAsync(Guid child, CancellationToken cancellationToken)
    {
        if ((await store.LoadAsync([child], cancellationToken))[0] is not { } stored)
            return null;
        try
        {
            return await FindReasonAsync(await RunningRequest.ReadAsync(stored, catalog, cancellationToken), cancellationToken);
        }
        catch (InvalidDataException failure)
        {
            return new WhyReason(WhyCodes.Unreadable, Unreadable.Explain(failure.Message));
        }
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
        if (turn is not { } at || limits.Apply(request.KeyOf(step), request.Graph.Steps[step]).RateLimit is not { } limit)
            return null;
        var (now, closedUntil) = (clock.GetUtcNow(), gates.Find(request.KeyOf(step)).ClosedUntil);
        return Math.Max(0, (at - (closedUntil > now ? closedUntil : now)).Ticks / limit.Interval.Ticks);
    }
}

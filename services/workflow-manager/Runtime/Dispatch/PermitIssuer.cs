using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Gives slots of rate limits to the steps that asked: first those that missed one, in its order and turns before slots of the line, then the others by priority, and of equal
/// priority in the order in which they asked. Slots that are given stay given: who asks later comes later, whatever its priority.
/// </summary>
/// <remarks>
/// While messages do not get through nobody is given a slot: all that hold one would leave together later. Who waits here is served in the
/// order in which it came.
/// </remarks>
internal sealed class PermitIssuer(
    StepCache cache, RateGates gates, StepLimits limits, BrokerWatch broker, RequestReloader requests, WorkInbox inbox, UsualDelay delay, WorkflowManagerOptions options,
    StoreClock clock) : IDisposable
{
    private readonly SemaphoreSlim _inOrder = new(1);

    public async Task IssueAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var answers = new List<RequestWork>();
        var left = await cache.AnswerAsync([.. effects.Where(IsStillWanted)], answers, cancellationToken);
        if (left.Count > 0 && broker.IsAway)
        {
            await inbox.RunAsync(answers, cancellationToken);
            await IssueOnceBackAsync(left, cancellationToken);
        }
        else
        {
            await IssueAsync(left, answers, cancellationToken);
        }
    }

    public void Dispose() => _inOrder.Dispose();

    private async Task IssueOnceBackAsync(IReadOnlyList<OpenEffect> asking, CancellationToken cancellationToken)
    {
        await _inOrder.WaitAsync(cancellationToken);
        try
        {
            while (broker.IsAway)
                await Task.Delay(TimeSpan.FromMilliseconds(options.ResendDelayMs), clock, cancellationToken);
            await IssueAsync([.. (await requests.ReloadAsync(asking, cancellationToken)).Where(IsStillWanted)], [], cancellationToken);
        }
        finally
        {
            _inOrder.Release();
        }
    }

    private async Task IssueAsync(IReadOnlyList<OpenEffect> asking, List<RequestWork> answers, CancellationToken cancellationToken)
    {
        foreach (var step in asking.GroupBy(open => open.Request.KeyOf(StepOf(open))))
            await IssueAsync(step.Key, [.. step], answers, cancellationToken);
        await inbox.RunAsync(answers, cancellationToken);
    }

    private async Task IssueAsync(
        StepKey step, IReadOnlyList<OpenEffect> asking, List<RequestWork> answers, CancellationToken cancellationToken)
    {
        // Versions without a limit in force may ask at once: the strictest of theirs holds for all.
        var pace = asking.Select(open => gates.PaceOf(limits.Apply(step, open.Request.Graph.Steps[StepOf(open)]))).MaxBy(pace => pace.Interval);
        var hasMissed = asking.ToLookup(open => pace.Interval > TimeSpan.Zero && StateOf(open).MissedSlot is not null);
        var (missed, others) = (hasMissed[true].OrderBy(open => StateOf(open).Round == 0).ThenBy(open => StateOf(open).MissedSlot).ToList(), hasMissed[false].OrderByDescending(PriorityOf).ToList());
        if (missed.Count > 0)
        {
            var (turns, round) = await gates.LetThroughAsync(
                step, [.. missed.Select(open => new MissedSlot(StateOf(open).MissedSlot!.Value, StateOf(open).Round))], pace, cancellationToken);
            Answer(missed, turns, round, answers);
        }
        if (others.Count > 0)
            Answer(others, await gates.ReserveAsync(step, others.Count, pace, cancellationToken), round: 0, answers);
    }

    private void Answer(IReadOnlyList<OpenEffect> asking, IReadOnlyList<DateTimeOffset> slots, long round, List<RequestWork> answers)
    {
        foreach (var (open, slot) in asking.Zip(slots))
            answers.Add(Works.Grant(open.Request.Id, StepOf(open), slot, round, delay.Now));
    }

    private static bool IsStillWanted(OpenEffect open) => StateOf(open).Hold == StepHold.Permit;

    private static int PriorityOf(OpenEffect open) => open.Request.Definition.PriorityOf(open.Request.State, StepOf(open));

    private static StepState StateOf(OpenEffect open) => open.Request.State.Steps[StepOf(open)];

    private static int StepOf(OpenEffect open) => ((Effect.AcquirePermit)open.Effect).Step;
}

using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Gives slots of rate limits to the steps that asked, in the order in which they asked.</summary>
internal sealed class PermitIssuer(StepCache cache, RateGates gates, WorkInbox inbox, WorkflowManagerOptions options)
{
    public async Task IssueAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var answers = new List<RequestWork>();
        var left = await cache.AnswerAsync([.. effects.Where(IsStillWanted)], answers, cancellationToken);
        foreach (var step in left.GroupBy(open => open.Request.KeyOf(StepOf(open))))
            await IssueAsync(step.Key, [.. step], answers, cancellationToken);
        await inbox.RunAsync(answers, cancellationToken);
    }

    private async Task IssueAsync(
        StepKey step, IReadOnlyList<OpenEffect> asking, List<RequestWork> answers, CancellationToken cancellationToken)
    {
        // Definitions of several versions may ask at once: the strictest limit holds for all.
        var lookAhead = TimeSpan.FromMilliseconds(options.BatchLookAheadMs);
        var pace = asking.Select(open => Pace.Of(open.Request.Graph.Steps[StepOf(open)], lookAhead)).MaxBy(pace => pace.Interval);
        var slots = await gates.ReserveAsync(step, asking.Count, pace, cancellationToken);
        foreach (var (open, slot) in asking.Zip(slots))
            answers.Add(Works.Grant(open.Request.Id, StepOf(open), slot));
    }

    private static bool IsStillWanted(OpenEffect open) => open.Request.State.Steps[StepOf(open)].Hold == StepHold.Permit;

    private static int StepOf(OpenEffect open) => ((Effect.AcquirePermit)open.Effect).Step;
}

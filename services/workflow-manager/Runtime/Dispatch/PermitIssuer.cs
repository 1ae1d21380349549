using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Gives slots of rate limits to the steps that asked, in the order in which they asked.</summary>
internal sealed class PermitIssuer(StepCache cache, RateGates gates, WorkInbox inbox)
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
        var interval = asking.Max(open => open.Request.Graph.Steps[StepOf(open)].RateLimit?.Interval ?? TimeSpan.Zero);
        var slot = await gates.ReserveAsync(step, asking.Count, interval, cancellationToken);
        foreach (var open in asking)
        {
            answers.Add(Works.Grant(open.Request.Id, StepOf(open), slot));
            slot += interval;
        }
    }

    private static bool IsStillWanted(OpenEffect open) => open.Request.State.Steps[StepOf(open)].Hold == StepHold.Permit;

    private static int StepOf(OpenEffect open) => ((Effect.AcquirePermit)open.Effect).Step;
}

using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Fanout;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Does effects of one kind together, and confirms those that are done. Where one of them can't be done each is tried alone, so that
/// only that one is left.
/// </summary>
internal sealed partial class EffectPerformer(
    SentTickets tickets,
    UnsentDispatches unsent,
    StepSender steps,
    CancellationSender cancellations,
    ResultSender results,
    PermitIssuer permits,
    ChildStarter children,
    ChildGatherer gatherer,
    WorkInbox inbox,
    RuntimeMeter meter,
    ILogger<EffectPerformer> logger)
{
    /// <param name="effects">All of one kind.</param>
    /// <returns>What could not be done.</returns>
    /// <exception cref="Exception">An <see cref="Outage"/>: nobody's effects can be done now.</exception>
    public async Task<IReadOnlyList<OpenEffect>> PerformAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var kind = effects[0].Effect.GetType().Name;
        try
        {
            FailPoint.Reach($"{kind}.before");
            var left = await DoAsync(effects, cancellationToken);
            FailPoint.Reach($"{kind}.after");
            Confirm(effects, left);
            return left;
        }
        catch (Exception failure) when (!Outage.Is(failure))
        {
            if (effects is [var culprit])
            {
                meter.EffectFailed(kind);
                LogNotDone(logger, kind, culprit.Request.Id, failure);
                return effects;
            }
        }
        var undone = new List<OpenEffect>();
        foreach (var each in effects)
            undone.AddRange(await PerformAsync([each], cancellationToken));
        return undone;
    }

    private void Confirm(IReadOnlyList<OpenEffect> effects, IReadOnlyList<OpenEffect> left)
    {
        var stays = left.Select(open => (open.Request.Id, open.Effect)).ToHashSet();
        foreach (var open in effects.Where(open => !stays.Contains((open.Request.Id, open.Effect))))
            unsent.Remove(open);
        foreach (var commit in effects.GroupBy(open => (open.Ticket, open.Generation)))
        {
            var done = commit.Count() - left.Count(open => (open.Ticket, open.Generation) == commit.Key);
            if (done > 0)
                tickets.Confirm(commit.Key.Ticket, commit.Key.Generation, done);
        }
    }

    private async Task<IReadOnlyList<OpenEffect>> DoAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        switch (effects[0].Effect)
        {
            case Effect.DispatchStep:
                return await steps.SendAsync(effects, cancellationToken);
            case Effect.CancelDispatch:
                return await cancellations.SendAsync(effects, cancellationToken);
            case Effect.FinishRequest:
                return await results.SendAsync(effects, cancellationToken);
        }
        await (effects[0].Effect switch
        {
            Effect.AcquirePermit => permits.IssueAsync(effects, cancellationToken),
            Effect.NotifyParent => inbox.RunAsync([.. effects.Select(NotifyParent)], cancellationToken),
            Effect.StartChildren => children.StartAsync(effects, cancellationToken),
            Effect.CancelChildren => children.CancelAsync(effects, cancellationToken),
            Effect.GatherChildren => gatherer.GatherAsync(effects, cancellationToken),
            var unknown => throw new InvalidOperationException($"No way to carry out {unknown}."),
        });
        return [];
    }

    private static RequestWork NotifyParent(OpenEffect open)
    {
        var notify = (Effect.NotifyParent)open.Effect;
        return Works.ChildFinished(notify.Place, notify.Failed);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An effect ({Kind}) of request {RequestId} can't be carried out; it stays saved and is tried again")]
    private static partial void LogNotDone(ILogger logger, string kind, Guid requestId, Exception failure);
}

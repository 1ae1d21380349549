using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Fanout;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Carries out what was saved. An effect is confirmed only when its message is confirmed or its answer is saved; until then
/// the outbox keeps it, and a crash at any point means at most that it is done twice.
/// </summary>
internal sealed partial class EffectDispatcher(
    EffectQueue queue,
    SentTickets tickets,
    StepSender steps,
    CancellationSender cancellations,
    ResultSender results,
    PermitIssuer permits,
    ChildStarter children,
    ChildGatherer gatherer,
    WorkInbox inbox,
    WorkflowManagerOptions options,
    TimeProvider clock,
    ILogger<EffectDispatcher> logger) : IDisposable
{
    private const int MaxParallel = 32;

    private readonly SemaphoreSlim _parallel = new(MaxParallel);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var effects = await queue.TakeAsync(options.GroupMaxItems, cancellationToken);
            if (effects.Count == 0)
                return;
            foreach (var kind in effects.GroupBy(open => open.Effect.GetType()))
            {
                await _parallel.WaitAsync(cancellationToken);
                _ = CarryOutAsync([.. kind], cancellationToken);
            }
        }
    }

    public void Dispose() => _parallel.Dispose();

    private async Task CarryOutAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        try
        {
            FailPoint.Reach($"{effects[0].Effect.GetType().Name}.before");
            await DoAsync(effects, cancellationToken);
            FailPoint.Reach($"{effects[0].Effect.GetType().Name}.after");
            foreach (var sent in effects.GroupBy(open => open.Ticket))
                tickets.Confirm(sent.Key, sent.Count());
        }
        catch (OperationCanceledException)
        {
            // Stopping: the outbox keeps them for the next start.
        }
        catch (Exception failure)
        {
            // Whatever went wrong, the effects are still in the outbox: recovery takes them up again after a pause.
            LogNotCarriedOut(logger, effects.Count, effects[0].Effect.GetType().Name, failure);
            await Task.Delay(TimeSpan.FromMilliseconds(options.ResendDelayMs), clock, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var ticket in effects.Select(open => open.Ticket).Distinct())
                tickets.Abandon(ticket);
            queue.SuspectLost();
        }
        finally
        {
            _parallel.Release();
        }
    }

    /// <summary>All effects are of one kind.</summary>
    private Task DoAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken) => effects[0].Effect switch
    {
        Effect.DispatchStep => steps.SendAsync(effects, cancellationToken),
        Effect.CancelDispatch => cancellations.SendAsync(effects, cancellationToken),
        Effect.FinishRequest => results.SendAsync(effects, cancellationToken),
        Effect.AcquirePermit => permits.IssueAsync(effects, cancellationToken),
        Effect.NotifyParent => inbox.RunAsync([.. effects.Select(NotifyParent)], cancellationToken),
        Effect.StartChildren => children.StartAsync(effects, cancellationToken),
        Effect.CancelChildren => children.CancelAsync(effects, cancellationToken),
        Effect.GatherChildren => gatherer.GatherAsync(effects, cancellationToken),
        var unknown => throw new InvalidOperationException($"No way to carry out {unknown}."),
    };

    private static RequestWork NotifyParent(OpenEffect open)
    {
        var notify = (Effect.NotifyParent)open.Effect;
        return Works.ChildFinished(notify.Place, notify.Failed);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} effects ({Kind}) were not carried out; they stay saved and are tried again")]
    private static partial void LogNotCarriedOut(ILogger logger, int count, string kind, Exception failure);
}

using Microsoft.Extensions.Logging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Carries out what was saved. An effect is confirmed only when its message is confirmed or its answer is saved; until then
/// the outbox keeps it, and a crash at any point means at most that it is done twice.
/// </summary>
internal sealed partial class EffectDispatcher(
    EffectQueue queue, EffectPerformer performer, EffectRetry retry, WorkflowManagerOptions options, TimeProvider clock,
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
            retry.Take(await performer.PerformAsync(effects, cancellationToken), cancellationToken);
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
            queue.Abandon(effects);
        }
        finally
        {
            _parallel.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} effects ({Kind}) were not carried out; they stay saved and are tried again")]
    private static partial void LogNotCarriedOut(ILogger logger, int count, string kind, Exception failure);
}

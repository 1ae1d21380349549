using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Carries out what was saved. An effect is confirmed only when its message is confirmed or its answer is saved; until then
/// the outbox keeps it, and a crash at any point means at most that it is done twice. What starts, cancels or gathers the items of tasks may
/// last for many commits, so it waits in a line of its own and has a share of its own: others are not held up by large tasks.
/// </summary>
internal sealed partial class EffectDispatcher(
    EffectQueue queue, EffectPerformer performer, EffectRetry retry, WorkflowManagerOptions options, TimeProvider clock,
    ILogger<EffectDispatcher> logger) : IDisposable
{
    private const int MaxParallel = 32;
    private const int MaxParallelOfTasks = 16;

    private readonly SemaphoreSlim _parallel = new(MaxParallel);
    private readonly SemaphoreSlim _parallelOfTasks = new(MaxParallelOfTasks);
    private readonly Channel<IReadOnlyList<OpenEffect>> _ofTasks = Channel.CreateBounded<IReadOnlyList<OpenEffect>>(options.DispatchHighWater);

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(TakeAsync(cancellationToken), TakeOfTasksAsync(cancellationToken));

    public void Dispose()
    {
        _parallel.Dispose();
        _parallelOfTasks.Dispose();
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        while (await queue.TakeAsync(options.GroupMaxItems, cancellationToken) is { Count: > 0 } effects)
        {
            foreach (var kind in effects.GroupBy(open => open.Effect.GetType()))
            {
                if (kind.First().Effect is Effect.StartChildren or Effect.CancelChildren or Effect.GatherChildren)
                {
                    queue.PutAside(kind.Count());
                    await _ofTasks.Writer.WriteAsync([.. kind], cancellationToken);
                    continue;
                }
                await _parallel.WaitAsync(cancellationToken);
                _ = CarryOutAsync([.. kind], _parallel, cancellationToken);
            }
        }
    }

    private async Task TakeOfTasksAsync(CancellationToken cancellationToken)
    {
        await foreach (var effects in _ofTasks.Reader.ReadAllAsync(cancellationToken))
        {
            await _parallelOfTasks.WaitAsync(cancellationToken);
            queue.TakeAside(effects.Count);
            _ = CarryOutAsync(effects, _parallelOfTasks, cancellationToken);
        }
    }

    private async Task CarryOutAsync(IReadOnlyList<OpenEffect> effects, SemaphoreSlim share, CancellationToken cancellationToken)
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
            share.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} effects ({Kind}) were not carried out; they stay saved and are tried again")]
    private static partial void LogNotCarriedOut(ILogger logger, int count, string kind, Exception failure);
}

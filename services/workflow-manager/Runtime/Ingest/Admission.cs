using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>
/// Keeps new requests on the broker's queue, where they are safe and take no memory, while too much is on its way or runs.
/// Replies never wait here: they are what makes room.
/// </summary>
internal sealed class Admission(
    EffectQueue effects, MessageSender sender, RunningCount running, WorkflowManagerOptions options, TimeProvider clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    public bool IsOpen => effects.Waiting + sender.OnTheirWay < options.DispatchHighWater && running.Count < options.MaxRunning;

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        while (!IsOpen)
            await Task.Delay(LookAgain, clock, cancellationToken);
    }
}

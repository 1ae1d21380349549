using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>
/// Keeps new requests on the broker's queue, where they are safe and take no memory, while too much is on its way or runs; and reads
/// no more posts than the next groups can take, for until then their bytes are all that is needed. Replies never wait here: they are
/// what makes room.
/// </summary>
internal sealed class Admission(
    EffectQueue effects, MessageSender sender, RunningCount running, WorkflowManagerOptions options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Bell _room = new(clock);
    private int _unsaved;

    public bool IsOpen => effects.Waiting + sender.OnTheirWay < options.DispatchHighWater && running.Count < options.MaxRunning;

    /// <summary>Reads a body when its turn has come and there is room; <see cref="Saved"/> must follow.</summary>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(Func<IReadOnlyList<T>> read, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (Volatile.Read(ref _unsaved) >= 2 * options.GroupMaxItems)
                await _room.WaitAsync(cancellationToken);
            while (!IsOpen)
                await Task.Delay(LookAgain, clock, cancellationToken);
            var posts = read();
            Interlocked.Add(ref _unsaved, posts.Count);
            return posts;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Saved(int posts)
    {
        Interlocked.Add(ref _unsaved, -posts);
        _room.Ring();
    }

    public void Dispose() => _turn.Dispose();
}

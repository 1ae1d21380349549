using Microsoft.Extensions.Logging;

namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>Reads all reply queues: this manager's own before the others', and those of managers that come while it runs.</summary>
internal sealed partial class ReplyDoors(ReplyQueues queues, ReplyConsumer consumer, TimeProvider clock, ILogger<ReplyDoors> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(30);

    /// <returns>Disposing closes all doors.</returns>
    public async Task<IAsyncDisposable> StartAsync(CancellationToken cancellationToken)
    {
        var doors = new Doors(queues, consumer, clock, logger);
        await doors.OpenAsync(cancellationToken);
        doors.Follow();
        return doors;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A reply queue of another manager can't be read: should that manager end, replies wait there. Trying again")]
    private static partial void LogNotOpened(ILogger logger, Exception failure);

    private sealed class Doors(ReplyQueues queues, ReplyConsumer consumer, TimeProvider clock, ILogger logger) : IAsyncDisposable
    {
        private readonly Dictionary<string, IAsyncDisposable> _open = [];
        private readonly CancellationTokenSource _closing = new();
        private Task _following = Task.CompletedTask;
        private int _disposed;

        public async Task OpenAsync(CancellationToken cancellationToken)
        {
            foreach (var queue in queues.Known.Except(_open.Keys).ToList())
                _open[queue] = await consumer.StartAsync(queue, isOwn: queue == queues.Own, cancellationToken);
        }

        public void Follow() => _following = Task.Run(FollowAsync, CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 1)
                return;
            await _closing.CancelAsync();
            await _following;
            await Task.WhenAll(_open.Values.Select(door => door.DisposeAsync().AsTask()));
            _closing.Dispose();
        }

        private async Task FollowAsync()
        {
            var pause = Interval;
            while (true)
            {
                await Task.Delay(pause, clock, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_closing.IsCancellationRequested)
                    return;
                try
                {
                    await OpenAsync(_closing.Token);
                    pause = Interval;
                }
                catch (Exception failure)
                {
                    if (!_closing.IsCancellationRequested)
                        LogNotOpened(logger, failure);
                    pause = PauseAfterFailure;
                }
            }
        }
    }
}

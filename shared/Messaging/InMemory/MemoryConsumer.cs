using Millrace.Messaging.Delivery;

namespace Millrace.Messaging.InMemory;

/// <summary>One consumer of a queue: up to <see cref="ConsumerOptions.Prefetch"/> messages in progress.</summary>
internal sealed class MemoryConsumer(MemoryQueue queue, ConsumerOptions options, DeliveryHandler handler, TimeProvider time)
    : IMemoryReader, IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inProgress = 1;
    private int _disposed;

    public bool HasRoom => Volatile.Read(ref _inProgress) <= options.Prefetch;

    public int Priority => options.Priority;

    public void Take(MemoryDelivery delivery)
    {
        Interlocked.Increment(ref _inProgress);
        _ = ProcessAsync(delivery);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        queue.Detach(this);
        await _leaving.CancelAsync();
        Release();
        var limit = Task.Delay(TimeSpan.FromSeconds(options.DrainLimitSeconds), time);
        if (await Task.WhenAny(_idle.Task, limit) == limit)
        {
            await _aborting.CancelAsync();
            await Task.WhenAny(_idle.Task, Task.Delay(TimeSpan.FromSeconds(1), time));
        }
        await queue.LeaveAsync(options);
    }

    private async Task ProcessAsync(MemoryDelivery delivery)
    {
        if (!await handler.HandleAsync(delivery, _leaving.Token, _aborting.Token))
            await queue.ReturnAsync(delivery.Message);
        Release();
        queue.Freed();
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _inProgress) == 0)
            _idle.TrySetResult();
    }
}

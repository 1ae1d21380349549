namespace Millrace.Messaging.InMemory;

/// <summary>A look at a queue: takes what waits, one after another, and gives back what it may not keep.</summary>
internal sealed class MemoryLook(MemoryQueue queue, TimeProvider time) : IMemoryReader
{
    /// <summary>Another reader may have come first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly List<IncomingMessage> _seen = [];
    private TaskCompletionSource<IncomingMessage>? _wanted;

    public bool HasRoom => Volatile.Read(ref _wanted) is not null;

    public int Priority => 0;

    public void Take(MemoryDelivery delivery)
    {
        if (Interlocked.Exchange(ref _wanted, null) is { } wanted)
            wanted.SetResult(delivery.Message);
        else
            _ = queue.ReturnAsync(delivery.Message);
    }

    public async Task RunAsync(Func<IncomingMessage, Task<LookStep>> see, CancellationToken cancellationToken)
    {
        queue.Attach(this);
        try
        {
            for (var left = queue.Depth.Messages; left > 0; left--)
            {
                if (await NextAsync(cancellationToken) is not { } message)
                    return;
                _seen.Add(message);
                var step = await see(message);
                if (step == LookStep.Take)
                    _seen.RemoveAt(_seen.Count - 1);
                if (step != LookStep.Next)
                    return;
            }
        }
        finally
        {
            queue.Detach(this);
            foreach (var message in _seen)
                await queue.ReturnAsync(message);
        }
    }

    /// <returns>Null if none comes.</returns>
    private async Task<IncomingMessage?> NextAsync(CancellationToken cancellationToken)
    {
        var wanted = new TaskCompletionSource<IncomingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _wanted, wanted);
        queue.Freed();
        await ((Task)wanted.Task).WaitAsync(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Given up only if none is being handed over.
        if (Interlocked.Exchange(ref _wanted, null) is null)
            return await wanted.Task;
        cancellationToken.ThrowIfCancellationRequested();
        return null;
    }
}

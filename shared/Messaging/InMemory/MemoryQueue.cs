using System.Collections.Concurrent;
using MassTransit;
using Millrace.Messaging.Delivery;

namespace Millrace.Messaging.InMemory;

/// <summary>
/// A queue of MassTransit's in-memory transport, with what that does not know: bounds, depth, consumers that come and go, and
/// messages that go back.
/// </summary>
internal sealed class MemoryQueue(string name, Uri address, IMessageBus bus, BusOptions limits) : IFilter<ReceiveContext>, IDisposable
{
    private readonly FlightGate _room = new(limits.MaxQueueMessages, limits.MaxQueueBytes);
    private readonly SemaphoreSlim _entering = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Guid, Carried> _beside = [];
    private readonly Lock _gate = new();
    private readonly List<IMemoryReader> _consumers = [];
    private TaskCompletionSource? _freed;
    private int _turn;
    private long _ready;

    public string Name => name;

    public Uri Address => address;

    /// <summary>Set once the transport has the queue.</summary>
    public ISendEndpoint? Endpoint { get; set; }

    /// <summary>Called when the last consumer of a queue that is not durable has gone.</summary>
    public Func<Task>? Abandoned { get; set; }

    public QueueDepth Depth
    {
        get
        {
            lock (_gate)
                return new QueueDepth(name, Interlocked.Read(ref _ready), _consumers.Count);
        }
    }

    /// <summary>Waits for room, so that a queue nobody reads stops its senders before it fills the memory.</summary>
    /// <returns>False when the queue is gone.</returns>
    public async Task<bool> SendAsync(RawBody body, Carried carried, CancellationToken cancellationToken)
    {
        await _entering.WaitAsync(cancellationToken);
        try
        {
            if (!await _room.EnterAsync(body.Bytes.Length, cancellationToken))
                return false;
            await PutAsync(body, carried);
            return true;
        }
        finally
        {
            _entering.Release();
        }
    }

    /// <summary>Puts back what was delivered and not acknowledged. It was in memory already, so it does not wait for room.</summary>
    public Task ReturnAsync(IncomingMessage message)
    {
        _room.Force(message.Body.Length);
        return PutAsync(
            new RawBody(message.Body), new Carried(message.Exchange, message.RoutingKey, message.Properties, message.DeliveryCount + 1));
    }

    public void Attach(IMemoryReader consumer)
    {
        lock (_gate)
            _consumers.Add(consumer);
        Freed();
    }

    public void Detach(IMemoryReader consumer)
    {
        lock (_gate)
            _consumers.Remove(consumer);
    }

    public Task LeaveAsync(ConsumerOptions options) => options.Durable || Abandoned is null ? Task.CompletedTask : Abandoned();

    /// <summary>A consumer has room again.</summary>
    public void Freed()
    {
        TaskCompletionSource? freed;
        lock (_gate)
            (freed, _freed) = (_freed, null);
        freed?.TrySetResult();
    }

    /// <summary>The transport's delivery: waits here, in order, until a consumer has room.</summary>
    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        _beside.TryRemove(context.GetMessageId()!.Value, out var carried);
        var body = context.Body.GetBytes();
        var consumer = await NextConsumerAsync();
        Interlocked.Decrement(ref _ready);
        _room.Leave(body.Length);
        consumer.Take(new MemoryDelivery(
            new IncomingMessage(name, carried!.Exchange, carried.RoutingKey, body, carried.Properties, carried.DeliveryCount), bus));
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("millrace");

    public void Dispose()
    {
        _stopping.Cancel();
        _room.Close();
    }

    private Task PutAsync(RawBody body, Carried carried)
    {
        Interlocked.Increment(ref _ready);
        var id = NewId.NextGuid();
        _beside[id] = carried;
        return Endpoint!.Send(body, Pipe.Execute<SendContext>(context => context.MessageId = id), CancellationToken.None);
    }

    private async Task<IMemoryReader> NextConsumerAsync()
    {
        while (true)
        {
            Task freed;
            lock (_gate)
            {
                _turn++;
                var free = Enumerable.Range(0, _consumers.Count).Select(place => _consumers[(_turn + place) % _consumers.Count]).Where(consumer => consumer.HasRoom);
                if (free.MaxBy(consumer => consumer.Priority) is { } next)
                    return next;
                _freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                freed = _freed.Task;
            }
            await freed.WaitAsync(_stopping.Token);
        }
    }
}

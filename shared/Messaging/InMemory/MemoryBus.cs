using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using MassTransit;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging.Delivery;

namespace Millrace.Messaging.InMemory;

/// <summary>
/// A bus inside the process: MassTransit's in-memory transport carries and holds the messages, the rules of AMQP that Millrace
/// relies on are added here. What it holds is gone with the process.
/// </summary>
internal sealed class MemoryBus(BusOptions options, TimeProvider time, ILogger logger) : IMessageBus
{
    private readonly IBusControl _transport = Bus.Factory.CreateUsingInMemory(bus =>
    {
        bus.ClearSerialization();
        bus.AddSerializer(new RawSerializer());
        bus.AddDeserializer(new RawSerializer(), isDefault: true);
    });

    private readonly SemaphoreSlim _declaring = new(1, 1);
    private readonly ConcurrentDictionary<string, MemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MemoryConsumer, bool> _consumers = [];
    private readonly MemoryRoutes _routes = new();
    private volatile bool _started;
    private int _disposed;

    public string Description => "memory:";

    public bool IsHealthy => _started;

    public int MaxBodyBytes => options.MaxBodyBytes;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _transport.StartAsync(cancellationToken);
        _started = true;
        await DeclareQueueAsync(Wire.DeadLetterQueue, cancellationToken);
    }

    public async Task<IReadOnlyList<SendOutcome>> SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var outcomes = new SendOutcome[messages.Count];
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.SendTimeoutMs), time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        for (var index = 0; index < messages.Count; index++)
            outcomes[index] = await SendOneAsync(messages[index], patience.Token, cancellationToken);
        return outcomes;
    }

    public async Task<SendOutcome> ForwardAsync(
        IncomingMessage message, string exchange, string routingKey, IReadOnlyDictionary<string, string?> headers, CancellationToken cancellationToken)
    {
        var changed = new Dictionary<string, string>(message.Properties.Headers, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers)
        {
            changed.Remove(name);
            if (value is not null)
                changed[name] = value;
        }
        return (await SendAsync([new OutgoingMessage(exchange, routingKey, message.Body, message.Properties with { Headers = changed })], cancellationToken))[0];
    }

    public async Task DeclareQueueAsync(string queue, CancellationToken cancellationToken) => await DeclareAsync(queue, cancellationToken);

    public async Task<IAsyncDisposable> ConsumeAsync(
        ConsumerOptions consumerOptions, Func<IncomingMessage, CancellationToken, Task> handle, CancellationToken cancellationToken)
    {
        Validator.ValidateObject(consumerOptions, new ValidationContext(consumerOptions), validateAllProperties: true);
        var queue = await DeclareAsync(consumerOptions.Queue, cancellationToken);
        foreach (var (exchange, pattern) in consumerOptions.Bindings)
            _routes.Bind(exchange, pattern, consumerOptions.Queue);
        var handler = new DeliveryHandler(consumerOptions, options, handle, time, logger);
        var consumer = new MemoryConsumer(queue, consumerOptions, handler, time);
        _consumers[consumer] = true;
        queue.Attach(consumer);
        consumerOptions.Attached?.Invoke(true);
        return new Attachment(this, consumer);
    }

    public async Task LookAsync(string queue, Func<IncomingMessage, Task<LookStep>> see, CancellationToken cancellationToken) =>
        await new MemoryLook(await DeclareAsync(queue, cancellationToken), time).RunAsync(see, cancellationToken);

    public Task<QueueDepth?> InspectAsync(string queue, CancellationToken cancellationToken) =>
        Task.FromResult(_queues.TryGetValue(queue, out var found) ? found.Depth : null);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await Task.WhenAll(_consumers.Keys.Select(RemoveAsync));
        _started = false;
        foreach (var queue in _queues.Values)
            queue.Dispose();
        await _transport.StopAsync(TimeSpan.FromSeconds(5));
        _declaring.Dispose();
    }

    private async Task<SendOutcome> SendOneAsync(OutgoingMessage message, CancellationToken patience, CancellationToken caller)
    {
        if (message.Body.Length > options.MaxBodyBytes)
            return new SendOutcome(SendOutcomeKind.Unroutable, $"body of {message.Body.Length} bytes is over the limit of {options.MaxBodyBytes}");
        var body = new RawBody(message.Body);
        // A copy: the sender's dictionary may change, and compare otherwise.
        var headers = new Dictionary<string, string>(message.Properties.Headers, StringComparer.OrdinalIgnoreCase);
        var carried = new Carried(message.Exchange, message.RoutingKey, message.Properties with { Headers = headers }, DeliveryCount: 0);
        var reached = false;
        foreach (var name in message.Exchange.Length == 0 ? [message.RoutingKey] : _routes.Find(message.Exchange, message.RoutingKey))
        {
            if (!_queues.TryGetValue(name, out var queue))
                continue;
            try
            {
                reached |= await queue.SendAsync(body, carried, patience);
            }
            catch (OperationCanceledException) when (!caller.IsCancellationRequested)
            {
                return new SendOutcome(SendOutcomeKind.Unknown, $"queue {name} has been full for {options.SendTimeoutMs} ms");
            }
        }
        return reached || !message.Mandatory
            ? SendOutcome.Confirmed
            : new SendOutcome(SendOutcomeKind.Unroutable, $"NO_ROUTE: exchange '{message.Exchange}', routing key '{message.RoutingKey}'");
    }

    private async Task<MemoryQueue> DeclareAsync(string name, CancellationToken cancellationToken)
    {
        if (_queues.TryGetValue(name, out var known))
            return known;
        await _declaring.WaitAsync(cancellationToken);
        try
        {
            if (_queues.TryGetValue(name, out known))
                return known;
            // Names of its own: the transport allows fewer characters than AMQP.
            var address = $"millrace-{_queues.Count}-{Guid.NewGuid():N}";
            var queue = new MemoryQueue(name, new Uri($"queue:{address}"), this, options) { Abandoned = () => DeleteAsync(name) };
            var endpoint = _transport.ConnectReceiveEndpoint(address, configure =>
            {
                configure.ConfigureConsumeTopology = false;
                configure.ConcurrentMessageLimit = 1;
                configure.ConfigureReceive(receive => receive.UseFilter(queue));
            });
            await endpoint.Ready.WaitAsync(cancellationToken);
            queue.Endpoint = await _transport.GetSendEndpoint(queue.Address);
            return _queues[name] = queue;
        }
        finally
        {
            _declaring.Release();
        }
    }

    private Task DeleteAsync(string name)
    {
        _routes.Unbind(name);
        if (_queues.TryRemove(name, out var queue))
            queue.Dispose();
        return Task.CompletedTask;
    }

    private async Task RemoveAsync(MemoryConsumer consumer)
    {
        await consumer.DisposeAsync();
        _consumers.TryRemove(consumer, out _);
    }

    private sealed class Attachment(MemoryBus bus, MemoryConsumer consumer) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await bus.RemoveAsync(consumer);
    }
}

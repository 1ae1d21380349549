using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging.Delivery;
using RabbitMQ.Client.Exceptions;

namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// RabbitMQ by its own client. Sending and consuming have a connection each: a broker that blocks senders still takes
/// acknowledgements.
/// </summary>
internal sealed class RabbitMqBus : IMessageBus
{
    private readonly RabbitMqAddress _address;
    private readonly BusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BrokerConnection _sending;
    private readonly BrokerConnection _consuming;
    private readonly DifferentQueues _different;
    private readonly ConfirmedSender _sender;
    private readonly ConcurrentDictionary<QueueConsumer, bool> _consumers = [];
    private int _disposed;

    public RabbitMqBus(RabbitMqAddress address, BusOptions options, TimeProvider time, ILogger logger)
    {
        (_address, _options, _time, _logger) = (address, options, time, logger);
        _sending = new BrokerConnection(address, "sending", options, time, logger);
        _consuming = new BrokerConnection(address, "consuming", options, time, logger);
        _different = new DifferentQueues(logger);
        _sender = new ConfirmedSender(_sending, options, _different, time);
    }

    public string Description => _address.Description;

    public bool IsHealthy => _sending.IsOpen && _consuming.IsOpen && _sending.BlockedReason is null && _consumers.Keys.All(consumer => consumer.IsAttached);

    public int MaxBodyBytes => _options.MaxBodyBytes;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _sending.Start();
        _consuming.Start();
        var open = OpenAsync(cancellationToken);
        while (await Task.WhenAny(open, Task.Delay(TimeSpan.FromMilliseconds(100), _time, cancellationToken)) != open)
            ThrowIfRefused();
        try
        {
            await open;
        }
        catch (Exception exception) when (exception is RabbitMQClientException or IOException)
        {
            ThrowIfRefused();
            throw;
        }
    }

    public async Task<IReadOnlyList<SendOutcome>> SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        await _sender.SendAsync([.. messages.Select(Outbound.From)], cancellationToken);

    public async Task<SendOutcome> ForwardAsync(
        IncomingMessage message, string exchange, string routingKey, IReadOnlyDictionary<string, string?> headers, CancellationToken cancellationToken) =>
        (await _sender.SendAsync([new Outbound(exchange, routingKey, message.Body, ForeignProperties.Change(message, headers), Mandatory: true)], cancellationToken))[0];

    public async Task DeclareQueueAsync(string queue, CancellationToken cancellationToken) =>
        await (await TopologyAsync(cancellationToken)).DeclareQueueAsync(queue, durable: true, cancellationToken);

    public async Task<IAsyncDisposable> ConsumeAsync(
        ConsumerOptions options, Func<IncomingMessage, CancellationToken, Task> handle, CancellationToken cancellationToken)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var handler = new DeliveryHandler(options, _options, handle, _time, _logger);
        var consumer = new QueueConsumer(_consuming, _sender, options, _options, _different, handler, _time, _logger);
        _consumers[consumer] = true;
        try
        {
            await consumer.StartAsync(cancellationToken);
            return new Attachment(this, consumer);
        }
        catch
        {
            await RemoveAsync(consumer);
            throw;
        }
    }

    public async Task LookAsync(string queue, Func<IncomingMessage, Task<LookStep>> see, CancellationToken cancellationToken)
    {
        try
        {
            await QueueLook.RunAsync(await _consuming.OpenAsync(cancellationToken), queue, see, cancellationToken);
        }
        catch (RabbitMQClientException lost)
        {
            throw new IOException($"the broker {Description} went away during a look at {queue}: {lost.Message}", lost);
        }
    }

    public async Task<QueueDepth?> InspectAsync(string queue, CancellationToken cancellationToken) =>
        await (await TopologyAsync(cancellationToken)).InspectAsync(queue, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        // Consumers first: their handlers may still send.
        await Task.WhenAll(_consumers.Keys.Select(RemoveAsync));
        await _sender.DisposeAsync();
        await _sending.DisposeAsync();
        await _consuming.DisposeAsync();
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _sending.OpenAsync(cancellationToken);
        await DeclareDeadLetterQueueAsync(cancellationToken);
        await _sender.StartAsync(cancellationToken);
    }

    private async Task DeclareDeadLetterQueueAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DeclareQueueAsync(Wire.DeadLetterQueue, cancellationToken);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            throw new InvalidOperationException(
                $"the broker {Description} has no queue '{Wire.DeadLetterQueue}', and this user may not make it; start a manager first", exception);
        }
    }

    /// <summary>A wrong password or virtual host does not mend itself.</summary>
    private void ThrowIfRefused()
    {
        if (FindRefusal(_sending.LastFailure ?? _consuming.LastFailure) is { } refusal)
        {
            throw new InvalidOperationException(
                $"the broker {Description} refuses the connection; check user, password and virtual host: {refusal.Message}", refusal);
        }
    }

    private async Task<Topology> TopologyAsync(CancellationToken cancellationToken) =>
        new(await _consuming.OpenAsync(cancellationToken), _options, _different);

    private async Task RemoveAsync(QueueConsumer consumer)
    {
        await consumer.DisposeAsync();
        _consumers.TryRemove(consumer, out _);
    }

    private static Exception? FindRefusal(Exception? failure) => failure switch
    {
        null => null,
        AuthenticationFailureException or PossibleAuthenticationFailureException => failure,
        OperationInterruptedException { ShutdownReason.ReplyCode: 403 or 530 } => failure,
        AggregateException many => many.InnerExceptions.Select(FindRefusal).FirstOrDefault(found => found is not null),
        _ => FindRefusal(failure.InnerException),
    };

    private sealed class Attachment(RabbitMqBus bus, QueueConsumer consumer) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await bus.RemoveAsync(consumer);
    }
}

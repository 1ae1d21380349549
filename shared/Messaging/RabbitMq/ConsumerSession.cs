using System.Threading.Channels;
using Millrace.Contracts;
using Millrace.Messaging.Delivery;
using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// One consumer on one channel, as long as that lives: takes deliveries while there is room for them, acknowledges them in groups.
/// </summary>
internal sealed class ConsumerSession : AsyncDefaultBasicConsumer, IAsyncDisposable
{
    private readonly DeliveryHandler _handler;
    private readonly ConfirmedSender _sender;
    private readonly FlightGate _held;
    private readonly ConsumerOptions _options;
    private readonly CancellationTokenSource _aborting = new();
    private readonly CancellationTokenSource _leaving = new();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AckLedger _acks = new();
    private readonly Channel<bool> _ackSignal = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task _acknowledging;
    private int _inProgress = 1;
    private int _left;

    /// <param name="held">Bounds what is in hand, of earlier sessions as well.</param>
    public ConsumerSession(IChannel channel, ConsumerOptions options, DeliveryHandler handler, ConfirmedSender sender, FlightGate held)
        : base(channel)
    {
        (_options, _handler, _sender, _held) = (options, handler, sender, held);
        _acknowledging = Task.Run(AcknowledgeAsync, CancellationToken.None);
    }

    /// <summary>The broker's name for the consumer.</summary>
    public string Tag { get; private set; } = "";

    /// <summary>Ends with the reason when no more deliveries can come.</summary>
    public Task<string> Lost => _lost.Task;

    public bool IsOpen => Channel.IsOpen && !_lost.Task.IsCompleted;

    /// <summary>Ends when no delivery is in the hands of a handler any more.</summary>
    public Task Idle => _idle.Task;

    public async Task AttachAsync(CancellationToken cancellationToken)
    {
        await Channel.BasicQosAsync(0, (ushort)_options.Prefetch, global: false, cancellationToken);
        var arguments = _options.Priority == 0 ? null : new Dictionary<string, object?> { ["x-priority"] = _options.Priority };
        Tag = await Channel.BasicConsumeAsync(
            _options.Queue, autoAck: false, consumerTag: "", noLocal: false, exclusive: false, arguments, this, cancellationToken);
    }

    public override async Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        _acks.Delivered(deliveryTag);
        // Counted before it is asked whether the session is left, so that Idle waits for what was taken just before.
        Interlocked.Increment(ref _inProgress);
        // What comes while leaving stays unacknowledged, and goes back when the channel closes.
        if (!await TryHoldAsync(body.Length))
        {
            Release();
            return;
        }
        // The client takes its buffer back when this method returns, and the handler goes on after that.
        var message = new IncomingMessage(
            _options.Queue, exchange, routingKey, body.ToArray(), MessageMapper.FromAmqp(properties), CountDeliveries(redelivered, properties))
        {
            Original = properties,
        };
        _ = ProcessAsync(deliveryTag, new RabbitMqDelivery(message, properties, _sender));
    }

    public override Task HandleChannelShutdownAsync(object channel, RabbitMQ.Client.Events.ShutdownEventArgs reason)
    {
        Lose(reason.ReplyText);
        return Task.CompletedTask;
    }

    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        Lose("the broker cancelled the consumer");
        return Task.CompletedTask;
    }

    /// <summary>Takes no more deliveries, and ends the pauses between them; their messages go back to the queue.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) == 1)
            return;
        _leaving.Cancel();
        Release();
    }

    /// <summary>Handlers in progress must end.</summary>
    public void Abort() => _aborting.Cancel();

    /// <summary>After <see cref="Idle"/>: writes the last acknowledgements.</summary>
    public async Task FinishAsync()
    {
        _ackSignal.Writer.TryComplete();
        await _acknowledging;
    }

    public async ValueTask DisposeAsync()
    {
        Leave();
        await Abandonment.CloseAsync(Channel);
    }

    private async Task ProcessAsync(ulong tag, IDelivery delivery)
    {
        try
        {
            if (await _handler.HandleAsync(delivery, _leaving.Token, _aborting.Token))
            {
                _acks.Handled(tag);
                _ackSignal.Writer.TryWrite(true);
            }
        }
        finally
        {
            _held.Leave(delivery.Message.Body.Length);
            Release();
        }
    }

    /// <summary>Waits for room. The client gives this channel's next delivery only after this one.</summary>
    private async ValueTask<bool> TryHoldAsync(int bodyBytes)
    {
        try
        {
            return !_leaving.IsCancellationRequested && await _held.EnterAsync(bodyBytes, _leaving.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>While one acknowledgement is being written others gather, so groups grow with the load and no timer is needed.</summary>
    private async Task AcknowledgeAsync()
    {
        try
        {
            while (await _ackSignal.Reader.WaitToReadAsync())
            {
                _ackSignal.Reader.TryRead(out _);
                await WriteAcksAsync();
            }
            await WriteAcksAsync();
        }
        catch (Exception exception)
        {
            // The channel is gone in one of the client's many ways; the broker delivers again what it has no word of.
            Lose(exception.Message);
        }
    }

    private async Task WriteAcksAsync()
    {
        FailPoint.Reach("ack.before");
        var (upTo, singles) = _acks.Take();
        if (upTo > 0)
            await Channel.BasicAckAsync(upTo, multiple: true);
        foreach (var tag in singles)
            await Channel.BasicAckAsync(tag, multiple: false);
        FailPoint.Reach("ack.after");
    }

    private void Lose(string reason)
    {
        _lost.TrySetResult(reason);
        Leave();
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _inProgress) == 0)
            _idle.TrySetResult();
    }

    private static int CountDeliveries(bool redelivered, IReadOnlyBasicProperties properties) =>
        properties.Headers is { } headers && headers.TryGetValue("x-delivery-count", out var count) && count is long or int
            ? (int)Math.Min(Convert.ToInt64(count, System.Globalization.CultureInfo.InvariantCulture), int.MaxValue)
            : redelivered ? 1 : 0;
}

using Millrace.Messaging.Delivery;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// One channel in confirm mode and what is in flight on it. The client's own tracking is not used: it adds a header to every
/// message. Messages are numbered as the broker counts them, from 1, so one sender at a time may publish.
/// </summary>
internal sealed class SendChannel : IAsyncDisposable
{
    /// <summary>With more of them the channel is given up, and the broker forgets them.</summary>
    private const int MaxSilent = 4_096;

    private readonly IChannel _channel;
    private readonly Topology _topology;
    private readonly FlightGate _flight;
    private readonly Dictionary<ulong, InFlight> _inFlight = [];
    private readonly SilentRoutes _silent;
    private readonly RefusedRoutes _refused;
    private readonly HashSet<string> _exchanges = [];
    private ulong _lowest = 1;
    private ulong _next = 1;
    private string? _lost;
    private volatile bool _wantsSuccessor;

    private SendChannel(
        IChannel channel, Topology topology, BusOptions options, IEnumerable<Route> suspects, TimeProvider time)
    {
        _channel = channel;
        _silent = new SilentRoutes(suspects);
        _refused = new RefusedRoutes(time);
        _topology = topology;
        _flight = new FlightGate(options.MaxInFlight, options.MaxInFlightBytes);
        channel.BasicAcksAsync += (_, confirm) => SettleAsync(confirm.DeliveryTag, confirm.Multiple, SendOutcome.Confirmed);
        channel.BasicNacksAsync += (_, confirm) =>
            SettleAsync(confirm.DeliveryTag, confirm.Multiple, new SendOutcome(SendOutcomeKind.Unknown, "the broker refused it", QueueFault.Full));
        channel.BasicReturnAsync += (_, returned) => MarkReturnedAsync(returned);
        channel.ChannelShutdownAsync += (_, shutdown) => LoseAsync(shutdown.ToString());
    }

    public bool IsOpen => _channel.IsOpen && Volatile.Read(ref _lost) is null;

    /// <summary>It may be the channel that does not find a queue again. What is in flight on it still gets its word.</summary>
    public bool WantsSuccessor => _wantsSuccessor;

    /// <summary>Routes that are probed, for the channel after this one to go on with.</summary>
    public IReadOnlyCollection<Route> SilentRoutes
    {
        get
        {
            lock (_inFlight)
                return [.. _silent.Routes];
        }
    }

    /// <param name="suspects">Routes that were silent on the channel before.</param>
    public static async Task<SendChannel> OpenAsync(
        IConnection connection, BusOptions options, DifferentQueues different,
        IEnumerable<Route> suspects, TimeProvider time, CancellationToken cancellationToken)
    {
        var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
        var channel = await connection.CreateChannelAsync(confirms, cancellationToken);
        return new SendChannel(channel, new Topology(connection, options, different), options, suspects, time);
    }

    /// <summary>Writes one message; its outcome comes to <paramref name="pending"/>.</summary>
    /// <returns>False if the channel is lost and the message was not written.</returns>
    public async ValueTask<bool> PublishAsync(Outbound message, PendingSend pending, int index, CancellationToken cancellationToken)
    {
        if (message.Exchange.Length > 0 && _exchanges.Add(message.Exchange))
            await _topology.DeclareExchangeAsync(message.Exchange, cancellationToken);
        if (IsProbed(message))
        {
            pending.Settle(index, new SendOutcome(SendOutcomeKind.Unknown, "not sent: earlier messages are not confirmed yet", QueueFault.Silent));
            return true;
        }
        if (!await _flight.EnterAsync(message.Body.Length, cancellationToken))
            return false;
        lock (_inFlight)
        {
            if (_lost is not null)
                return false;
            _inFlight.Add(_next++, new InFlight(message, pending, index));
        }
        try
        {
            await WriteAsync(message, cancellationToken);
        }
        catch (Exception exception)
        {
            // Whether the broker counted it is not known, so nothing after it can be told apart.
            await LoseAsync(exception is OperationCanceledException ? "a message could not be written in time" : exception.Message);
        }
        return true;
    }

    /// <summary>Nobody waits for these messages any more: they make room for others.</summary>
    /// <param name="outcome">Of those that are written and not confirmed.</param>
    public async Task AbandonAsync(PendingSend pending, SendOutcome outcome)
    {
        lock (_inFlight)
        {
            foreach (var (number, flight) in _inFlight.Where(pair => pair.Value.Pending == pending).ToArray())
            {
                if (outcome.Fault == QueueFault.Silent)
                    _silent.Add(number, _next, flight.Message);
                Settle(number, outcome);
            }
            _wantsSuccessor |= _silent.WantNewChannel;
            if (_silent.Count <= MaxSilent)
                return;
        }
        await LoseAsync($"over {MaxSilent} messages are not confirmed");
    }

    public async ValueTask DisposeAsync()
    {
        await LoseAsync("closed");
        await Abandonment.CloseAsync(_channel);
    }

    /// <summary>The writing itself is not cancelled, since half a message would end the connection; only nobody waits for it any more.</summary>
    private async ValueTask WriteAsync(Outbound message, CancellationToken cancellationToken)
    {
        var writing = _channel.BasicPublishAsync(
            message.Exchange, message.RoutingKey, message.Mandatory, message.Properties, message.Body, CancellationToken.None);
        if (writing.IsCompletedSuccessfully)
            return;
        var written = writing.AsTask();
        _ = written.ContinueWith(task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        await written.WaitAsync(cancellationToken);
    }

    /// <summary>One message for a silent route is on its way, and shows whether the route takes messages again.</summary>
    private bool IsProbed(Outbound message)
    {
        lock (_inFlight)
            return _silent.Contains(message) && _inFlight.Values.Any(flight => flight.Message.Route == message.Route);
    }

    private Task SettleAsync(ulong number, bool multiple, SendOutcome outcome)
    {
        lock (_inFlight)
        {
            if (!multiple)
                Answer(number, outcome);
            else
                for (; _lowest <= number; _lowest++)
                    Answer(_lowest, outcome);
        }
        return Task.CompletedTask;
    }

    private void Answer(ulong number, SendOutcome outcome)
    {
        _silent.Remove(number);
        if (Settle(number, outcome) is not { } message)
            return;
        if (outcome.Fault == QueueFault.Full)
        {
            _refused.Refused(message);
            _wantsSuccessor |= _refused.WantNewChannel;
        }
        else
        {
            _refused.Confirmed(message);
            _silent.Confirmed(number, message);
        }
    }

    /// <returns>The message; null if it had its outcome before.</returns>
    private Outbound? Settle(ulong number, SendOutcome outcome)
    {
        if (!_inFlight.Remove(number, out var flight))
            return null;
        flight.Pending.Settle(flight.Index, flight.Returned is { } reason ? new SendOutcome(SendOutcomeKind.Unroutable, reason) : outcome);
        _flight.Leave(flight.Message.Body.Length);
        return flight.Message;
    }

    /// <summary>
    /// A return comes before its confirm but without its number. It is told by its content; where two in flight are alike in
    /// route, ids and body, it makes no difference which of them is said to have come back.
    /// </summary>
    private Task MarkReturnedAsync(BasicReturnEventArgs returned)
    {
        lock (_inFlight)
        {
            foreach (var (number, flight) in _inFlight.OrderBy(pair => pair.Key))
            {
                if (flight.Returned is not null || !flight.IsLike(returned))
                    continue;
                _inFlight[number] = flight with { Returned = $"{returned.ReplyText}: exchange '{returned.Exchange}', routing key '{returned.RoutingKey}'" };
                break;
            }
        }
        return Task.CompletedTask;
    }

    private Task LoseAsync(string reason)
    {
        lock (_inFlight)
        {
            if (_lost is not null)
                return Task.CompletedTask;
            _lost = reason;
            foreach (var number in _inFlight.Keys.ToArray())
                Settle(number, new SendOutcome(SendOutcomeKind.Unknown, $"connection lost before the confirm: {reason}"));
        }
        _flight.Close();
        return Task.CompletedTask;
    }

    private readonly record struct InFlight(Outbound Message, PendingSend Pending, int Index, string? Returned = null)
    {
        public bool IsLike(BasicReturnEventArgs returned) =>
            Message.Mandatory
            && Message.RoutingKey == returned.RoutingKey
            && Message.Exchange == returned.Exchange
            && Message.Properties.CorrelationId == returned.BasicProperties.CorrelationId
            && Message.Properties.MessageId == returned.BasicProperties.MessageId
            && Message.Body.Span.SequenceEqual(returned.Body.Span);
    }
}

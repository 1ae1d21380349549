using RabbitMQ.Client.Exceptions;

namespace Millrace.Messaging.RabbitMq;

/// <summary>Sends with confirms over one connection, in the order of the calls, whatever happens to the connection.</summary>
internal sealed class ConfirmedSender(
    BrokerConnection connection, BusOptions options, DifferentQueues different, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _order = new(1, 1);
    private volatile SendChannel? _channel;
    private readonly CancellationTokenSource _stopping = new();
    private IReadOnlyCollection<Route> _suspects = [];

    /// <summary>Opens the channel now, so that the first message need not wait for it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _order.WaitAsync(cancellationToken);
        try
        {
            if (_channel is not { IsOpen: true })
                await OpenAsync(cancellationToken);
        }
        finally
        {
            _order.Release();
        }
    }

    public async Task<SendOutcome[]> SendAsync(IReadOnlyList<Outbound> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
            return [];
        var pending = new PendingSend(messages.Count);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.SendTimeoutMs), time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await PublishAllAsync(messages, pending, patience.Token);
            await pending.Done.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over, or the bus was disposed: what has no outcome has an unknown one.
        }
        finally
        {
            if (!pending.Done.IsCompleted && _channel is { } channel)
                await channel.AbandonAsync(pending, Missing(isTimeOver: timeout.IsCancellationRequested));
        }
        return pending.Outcomes(MissingReason());
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_channel is not null)
            await _channel.DisposeAsync();
        _order.Dispose();
    }

    private async Task PublishAllAsync(IReadOnlyList<Outbound> messages, PendingSend pending, CancellationToken patience)
    {
        await _order.WaitAsync(patience);
        try
        {
            for (var index = 0; index < messages.Count; index++)
            {
                if (MessageLimits.Check(messages[index], options) is { } refusal)
                    pending.Settle(index, new SendOutcome(SendOutcomeKind.Unroutable, refusal));
                else
                    await PublishAsync(messages[index], pending, index, patience);
            }
        }
        finally
        {
            _order.Release();
        }
    }

    /// <summary>A message that was not written may be written again; one that was may not.</summary>
    private async Task PublishAsync(Outbound message, PendingSend pending, int index, CancellationToken patience)
    {
        while (true)
        {
            await connection.WaitUnblockedAsync(patience);
            try
            {
                if (_channel is not { IsOpen: true, WantsSuccessor: false })
                    await OpenAsync(patience);
                if (await _channel!.PublishAsync(message, pending, index, patience))
                    return;
            }
            catch (Exception exception) when (exception is RabbitMQClientException or IOException or ObjectDisposedException)
            {
                // The connection went while a channel or an exchange was asked for: the next one is waited for.
                await Task.Delay(TimeSpan.FromMilliseconds(options.ReconnectDelayMs), time, patience);
            }
        }
    }

    private async Task OpenAsync(CancellationToken patience)
    {
        var former = _channel;
        _suspects = former?.SilentRoutes ?? _suspects;
        _channel = null;
        if (former is { IsOpen: true })
            _ = RetireAsync(former);
        else if (former is not null)
            await former.DisposeAsync();
        _channel = await SendChannel.OpenAsync(await connection.OpenAsync(patience), options, different, _suspects, time, patience);
    }

    /// <summary>What is in flight has as long as ever for its confirm.</summary>
    private async Task RetireAsync(SendChannel channel)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(options.SendTimeoutMs), time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await channel.DisposeAsync();
    }

    /// <summary>A connection that is open and flows has only the queue to blame for what is written and not confirmed in time.</summary>
    private SendOutcome Missing(bool isTimeOver) => new(
        SendOutcomeKind.Unknown, MissingReason(),
        isTimeOver && connection is { IsOpen: true, BlockedReason: null } ? QueueFault.Silent : QueueFault.None);

    private string MissingReason() => connection switch
    {
        { BlockedReason: { } reason } => $"the broker takes no messages: {reason}",
        { IsOpen: false } => $"not connected: {connection.LastFailure?.Message ?? "connection lost"}",
        _ => $"no confirm within {options.SendTimeoutMs} ms",
    };
}

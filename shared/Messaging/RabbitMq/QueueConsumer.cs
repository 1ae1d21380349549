using Microsoft.Extensions.Logging;
using Millrace.Messaging.Delivery;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Millrace.Messaging.RabbitMq;

/// <summary>Keeps a consumer attached to its queue: session after session, until disposed.</summary>
internal sealed partial class QueueConsumer(
    BrokerConnection connection,
    ConfirmedSender sender,
    ConsumerOptions options,
    BusOptions limits,
    DifferentQueues different,
    DeliveryHandler handler,
    TimeProvider time,
    ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan AttachLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    /// <summary>A session that is lost sooner counts as a failure, and the next one waits longer.</summary>
    private static readonly TimeSpan SteadyTime = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly FlightGate _held = new(options.Prefetch, limits.MaxHeldBytes);
    private readonly List<Task> _ending = [];
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private volatile ConsumerSession? _session;
    private int _disposed;

    public bool IsAttached => _session is { IsOpen: true };

    /// <summary>Returns once the broker has the consumer.</summary>
    /// <exception cref="OperationInterruptedException">The broker refuses it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        await _attached.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        // At once: what a handler that ends now makes room for is no longer taken.
        _session?.Leave();
        await _stopping.CancelAsync();
        await _running;
        await Task.WhenAll(_ending);
    }

    private async Task RunAsync()
    {
        for (var attempt = 0; !_stopping.IsCancellationRequested; await PauseAsync(++attempt))
        {
            try
            {
                var session = await AttachAsync(await connection.OpenAsync(_stopping.Token));
                var opened = time.GetTimestamp();
                await using (session)
                {
                    await HoldAsync(session);
                    options.Attached?.Invoke(false);
                }
                if (time.GetElapsedTime(opened) > SteadyTime)
                    attempt = 0;
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                // The first refusal is the caller's to see; later ones are waited out, whatever they are.
                if (IsRefusal(exception) && _attached.TrySetException(exception))
                    return;
                LogNotAttached(logger, options.Queue, exception);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        _attached.TrySetCanceled();
    }

    private async Task PauseAsync(int attempt) =>
        await Task.Delay(Backoff.Delay(limits.ReconnectDelayMs, limits.MaxReconnectDelayMs, attempt), time, _stopping.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<ConsumerSession> AttachAsync(IConnection open)
    {
        using var limit = new CancellationTokenSource(AttachLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        var topology = new Topology(open, limits, different);
        await topology.DeclareQueueAsync(options.Queue, options.Durable, either.Token);
        foreach (var (exchange, pattern) in options.Bindings)
            await topology.BindAsync(options.Queue, exchange, pattern, either.Token);
        var channel = await open.CreateChannelAsync(cancellationToken: either.Token);
        var session = new ConsumerSession(channel, options, handler, sender, _held);
        try
        {
            await session.AttachAsync(either.Token);
        }
        catch
        {
            // The broker may have the consumer all the same, and would give it messages that nobody acknowledges.
            await session.DisposeAsync();
            throw;
        }
        _session = session;
        options.Attached?.Invoke(true);
        _attached.TrySetResult();
        LogAttached(logger, options.Queue, options.Prefetch);
        return session;
    }

    private async Task HoldAsync(ConsumerSession session)
    {
        // The client is asked too, in case it has forgotten to say that the channel is gone.
        while (session.IsOpen && !_stopping.IsCancellationRequested)
            await Task.WhenAny(session.Lost, Task.Delay(CheckInterval, time, _stopping.Token));
        if (session.IsOpen)
            await DrainAsync(session);
        else
            await LeaveAsync(session);
    }

    /// <summary>
    /// The broker delivers again what the handlers of a lost session have in hand. They have as long to end as those of one that is left,
    /// unless nobody waits for the next session.
    /// </summary>
    private async Task LeaveAsync(ConsumerSession session)
    {
        if (!_stopping.IsCancellationRequested)
            LogLost(logger, options.Queue, session.Lost.IsCompleted ? await session.Lost : "closed");
        session.Leave();
        _ending.RemoveAll(ended => ended.IsCompleted);
        _ending.Add(EndAsync(session, _stopping.Token));
    }

    private async Task DrainAsync(ConsumerSession session)
    {
        session.Leave();
        await Task.WhenAny(CancelAsync(session), Task.Delay(AttachLimit, time));
        await EndAsync(session, CancellationToken.None);
        await session.FinishAsync();
    }

    private async Task EndAsync(ConsumerSession session, CancellationToken giveUp)
    {
        var limit = Task.Delay(TimeSpan.FromSeconds(options.DrainLimitSeconds), time, giveUp);
        if (await Task.WhenAny(session.Idle, limit) != limit)
            return;
        if (!giveUp.IsCancellationRequested)
            LogDrainLimit(logger, options.Queue, options.DrainLimitSeconds);
        session.Abort();
        await Task.WhenAny(session.Idle, Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None));
    }

    private static async Task CancelAsync(ConsumerSession session)
    {
        try
        {
            await session.Channel.BasicCancelAsync(session.Tag);
        }
        catch (Exception exception) when (exception is RabbitMQClientException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The channel went first: nothing more is delivered either way.
        }
    }

    private static bool IsRefusal(Exception exception) =>
        exception is OperationInterruptedException { ShutdownReason.ReplyCode: 403 or 404 or 405 or 406 };

    [LoggerMessage(Level = LogLevel.Information, Message = "Consuming {Queue}, {Prefetch} at once")]
    private static partial void LogAttached(ILogger logger, string queue, int prefetch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The consumer of {Queue} is lost: {Reason}")]
    private static partial void LogLost(ILogger logger, string queue, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Queue} cannot be consumed now; trying again")]
    private static partial void LogNotAttached(ILogger logger, string queue, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Handlers of {Queue} did not end within {LimitSeconds} s and are cancelled")]
    private static partial void LogDrainLimit(ILogger logger, string queue, double limitSeconds);
}

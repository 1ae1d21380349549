using Microsoft.Extensions.Logging;
using Millrace.Messaging.Delivery;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Millrace.Messaging.RabbitMq;

/// <summary>Keeps one connection: connects, and connects again when it is lost, until disposed.</summary>
internal sealed partial class BrokerConnection : IAsyncDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    /// <summary>A connection that is closed sooner counts as a failure, so that a broker that throws us out is not besieged.</summary>
    private static readonly TimeSpan SteadyTime = TimeSpan.FromSeconds(5);

    private readonly RabbitMqAddress _address;
    private readonly string _name;
    private readonly BusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource<IConnection> _current = NewSource<IConnection>();
    private TaskCompletionSource? _blocked;
    private Task _running = Task.CompletedTask;

    public BrokerConnection(RabbitMqAddress address, string name, BusOptions options, TimeProvider time, ILogger logger) =>
        (_address, _name, _options, _time, _logger) = (address, name, options, time, logger);

    public bool IsOpen => CurrentTask is { IsCompletedSuccessfully: true } task && task.Result.IsOpen;

    /// <summary>Why the broker takes no messages now, or null.</summary>
    public string? BlockedReason { get; private set; }

    /// <summary>Why it is not connected now, or null.</summary>
    public Exception? LastFailure { get; private set; }

    private Task<IConnection> CurrentTask
    {
        get
        {
            lock (_gate)
                return _current.Task;
        }
    }

    public void Start() => _running = Task.Run(RunAsync);

    public Task<IConnection> OpenAsync(CancellationToken cancellationToken) => CurrentTask.WaitAsync(cancellationToken);

    /// <summary>Returns once the broker takes messages again.</summary>
    public Task WaitUnblockedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _blocked?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        Unblock();
        lock (_gate)
            _current.TrySetCanceled();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        string? told = null;
        for (var attempt = 0; !_stopping.IsCancellationRequested; await PauseAsync(++attempt))
        {
            try
            {
                var connection = await ConnectAsync();
                told = null;
                var opened = _time.GetTimestamp();
                await HoldAsync(connection);
                if (_time.GetElapsedTime(opened) > SteadyTime)
                    attempt = 0;
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                // Whatever keeps the broker away, it is tried again until someone stops us.
                LastFailure = exception;
                var kind = KindOf(exception.GetBaseException());
                if (kind != told)
                    LogNotConnected(_logger, _name, _address.Description, exception.GetBaseException().Message);
                told = kind;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Of many failures one after the other each kind is told once: a broker that is away, then one that refuses us.</summary>
    private static string KindOf(Exception failure) => failure switch
    {
        OperationInterruptedException { ShutdownReason: { } reason } => $"closed with {reason.ReplyCode}",
        System.Net.Sockets.SocketException socket => $"socket {socket.SocketErrorCode}",
        _ => failure.GetType().Name,
    };

    private async Task<IConnection> ConnectAsync()
    {
        var limit = new CancellationTokenSource(ConnectLimit, _time);
        var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        var connecting = _address.ConnectAsync($"{_options.ConnectionName} {_name}", _options, ConnectLimit, either.Token);
        try
        {
            return await connecting.WaitAsync(either.Token);
        }
        finally
        {
            // The client may go on after we have given up: what it uses is kept for it, and what it still opens is closed.
            _ = connecting.ContinueWith(
                task =>
                {
                    if (task.IsCompletedSuccessfully && either.IsCancellationRequested)
                        _ = Abandonment.CloseAsync(task.Result);
                    _ = task.Exception;
                    either.Dispose();
                    limit.Dispose();
                },
                TaskScheduler.Default);
        }
    }

    private async Task HoldAsync(IConnection connection)
    {
        var lost = NewSource<string>();
        connection.ConnectionShutdownAsync += (_, shutdown) => Set(() =>
        {
            LastFailure = new OperationInterruptedException(shutdown);
            lost.TrySetResult(shutdown.ReplyText);
        });
        connection.ConnectionBlockedAsync += (_, blocked) => Set(() => Block(blocked.Reason));
        connection.ConnectionUnblockedAsync += (_, _) => Set(Unblock);
        LastFailure = null;
        lock (_gate)
            _current.TrySetResult(connection);
        LogConnected(_logger, _name, $"{connection.Endpoint.HostName}:{connection.Endpoint.Port}");
        // The client is asked too, in case it has forgotten to say that the connection is gone.
        while (connection.IsOpen && !lost.Task.IsCompleted && !_stopping.IsCancellationRequested)
            await Task.WhenAny(lost.Task, Task.Delay(CheckInterval, _time, _stopping.Token));
        lock (_gate)
            _current = NewSource<IConnection>();
        Unblock();
        if (!_stopping.IsCancellationRequested)
            LogLost(_logger, _name, lost.Task.IsCompleted ? await lost.Task : "closed");
        await Abandonment.CloseAsync(connection);
    }

    private void Block(string reason)
    {
        LogBlocked(_logger, _name, reason);
        BlockedReason = reason;
        lock (_gate)
            _blocked ??= NewSource();
    }

    private void Unblock()
    {
        TaskCompletionSource? blocked;
        BlockedReason = null;
        lock (_gate)
            (blocked, _blocked) = (_blocked, null);
        blocked?.TrySetResult();
    }

    private async Task PauseAsync(int attempt) =>
        await Task.Delay(Backoff.Delay(_options.ReconnectDelayMs, _options.MaxReconnectDelayMs, attempt), _time, _stopping.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static Task Set(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected for {Name} to {Broker}")]
    private static partial void LogConnected(ILogger logger, string name, string broker);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection for {Name} is lost: {Reason}")]
    private static partial void LogLost(ILogger logger, string name, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No connection for {Name} to {Broker} ({Reason}); trying again")]
    private static partial void LogNotConnected(ILogger logger, string name, string broker, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker takes no messages for {Name}: {Reason}")]
    private static partial void LogBlocked(ILogger logger, string name, string reason);
}

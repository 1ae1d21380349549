using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging.Delivery;

namespace Millrace.Messaging.Workers;

/// <summary>
/// The shell around a handler: takes a step's messages, hands over together what waits together, sends the replies, and only
/// when the broker has them lets the messages be acknowledged.
/// </summary>
internal sealed partial class StepWorker<TIn, TOut>(
    string queue, IMessageBus bus, IStepHandler<TIn, TOut> handler, CancelledSet cancelled, StepWorkerOptions options, TimeProvider time,
    ILogger logger) : IHostedService, IAsyncDisposable
{
    private const int FirstPauseMs = 100;
    private const int MaxPauseMs = 5_000;

    private readonly StepRunner<TIn, TOut> _runner = new(
        queue, handler, cancelled, options, bus.MaxBodyBytes - ReplyWriter.EnvelopeBytes, time, logger);

    private readonly CancellationListener _listener = new(queue, bus, cancelled, options, time, logger);

    private readonly Channel<StepCall> _waiting = Channel.CreateBounded<StepCall>(
        new BoundedChannelOptions(options.EffectivePrefetch) { SingleReader = options.MaxConcurrentCalls == 1 });

    private readonly CancellationTokenSource _aborting = new();
    private Task _running = Task.CompletedTask;
    private IAsyncDisposable? _consumer;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(Enumerable.Range(0, options.MaxConcurrentCalls).Select(_ => Task.Run(RunAsync, CancellationToken.None)));
        var consumer = new ConsumerOptions
        {
            Queue = queue,
            Prefetch = options.EffectivePrefetch,
            DeliveryLimit = options.DeliveryLimit,
            DrainLimitSeconds = options.DrainLimitSeconds,
        };
        if (options.MaxCancellations > 0)
            await _listener.StartAsync(cancellationToken);
        _consumer = await bus.ConsumeAsync(consumer, HandleAsync, cancellationToken);
    }

    /// <summary>Stops taking messages, finishes those taken within the limit, acknowledges them and leaves.</summary>
    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _consumer, null) is { } consumer)
            await consumer.DisposeAsync();
        _waiting.Writer.TryComplete();
        await _running;
        await _listener.DisposeAsync();
        _aborting.Dispose();
    }

    /// <summary>One delivery. When its time to drain is over, everything in the handler's hands is given back.</summary>
    private async Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var call = new StepCall(StepMessageReader.Read(message));
        await using var abort = cancellationToken.Register(static worker => ((StepWorker<TIn, TOut>)worker!)._aborting.Cancel(), this);
        await _waiting.Writer.WriteAsync(call, cancellationToken);
        await call.Done;
    }

    private async Task RunAsync()
    {
        var calls = new List<StepCall>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            Gather(calls);
            if (calls.Count == 0)
                continue;
            try
            {
                await ProcessAsync(calls);
                calls.ForEach(End);
            }
            catch (Exception exception)
            {
                // Nothing that happens to these messages may end the loop; they are delivered again.
                calls.ForEach(call => call.Fail(exception));
            }
            calls.Clear();
        }
    }

    private static void End(StepCall call)
    {
        if (call.Untold is { } reason)
            call.Fail(new DeadLetterException(reason));
        else
            call.Complete();
    }

    /// <summary>
    /// What waits now, and no longer: there is no timer, so an idle queue costs no latency. One message alone where they are not to be gathered.
    /// </summary>
    private void Gather(List<StepCall> calls)
    {
        var items = 0;
        while (items < options.MaxBatchItems && _waiting.Reader.TryPeek(out var next))
        {
            if (items > 0 && (!options.GathersMessages || items + next.Message.Items.Count > options.MaxBatchItems))
                return;
            if (!_waiting.Reader.TryRead(out var call))
                return;
            calls.Add(call);
            items += call.Message.Items.Count;
        }
    }

    private async Task ProcessAsync(List<StepCall> calls)
    {
        using var activity = WorkerTelemetry.StartCall(queue, [.. calls.Select(call => call.Message)]);
        await _listener.LookAsync(calls, _aborting.Token);
        await _runner.RunAsync(calls, _aborting.Token);
        FailPoint.Reach("worker.handled");
        var trace = activity is { IdFormat: ActivityIdFormat.W3C } ? activity.Id : null;
        var replies = calls.SelectMany(call => ReplyWriter.Write(call.Message, call.Replies, trace, bus.MaxBodyBytes)).ToList();
        for (var attempt = 1; (replies = await SendAsync(replies)).Count > 0; attempt++)
            await Task.Delay(Backoff.Delay(FirstPauseMs, MaxPauseMs, attempt), time, _aborting.Token);
        FailPoint.Reach("worker.replied");
    }

    /// <summary>The work is done and would be done again if the messages went back, so their replies are sent until they arrive.</summary>
    /// <returns>What must be sent again.</returns>
    private async Task<List<OutgoingMessage>> SendAsync(List<OutgoingMessage> replies)
    {
        var left = new List<OutgoingMessage>();
        var outcomes = await bus.SendAsync(replies, _aborting.Token);
        for (var index = 0; index < replies.Count; index++)
        {
            if (outcomes[index].Kind == SendOutcomeKind.Unknown)
                left.Add(replies[index]);
            else if (outcomes[index].Kind == SendOutcomeKind.Unroutable)
                await KeepAsync(replies[index], outcomes[index].Reason, left);
        }
        return left;
    }

    /// <summary>A reply that nobody takes is kept as a dead letter: the result of work is never dropped.</summary>
    private async Task KeepAsync(OutgoingMessage reply, string? reason, List<OutgoingMessage> left)
    {
        if (reply.RoutingKey == Wire.DeadLetterQueue)
        {
            LogLost(logger, queue, reply.Properties.CorrelationId, reason);
            return;
        }
        LogUnroutable(logger, queue, reply.RoutingKey, reason);
        var headers = new Dictionary<string, string>(reply.Properties.Headers)
        {
            [Wire.ReasonHeader] = DeadLetterHeaders.Shorten($"the reply of {queue} could not be delivered: {reason}"),
            [DeadLetterHeaders.RoutingKey] = reply.RoutingKey,
        };
        left.AddRange(await SendAsync([reply with { RoutingKey = Wire.DeadLetterQueue, Properties = reply.Properties with { Headers = headers } }]));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A reply of {Queue} to {ReplyTo} is dead-lettered: {Reason}")]
    private static partial void LogUnroutable(ILogger logger, string queue, string replyTo, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A reply of {Queue} for {CorrelationId} is refused even as a dead letter: {Reason}")]
    private static partial void LogLost(ILogger logger, string queue, string? correlationId, string? reason);
}

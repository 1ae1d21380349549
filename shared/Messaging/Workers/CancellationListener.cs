using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;

namespace Millrace.Messaging.Workers;

/// <summary>
/// Hears which messages of a queue need not be worked on. What is cancelled from now on it is told; about messages that were in the
/// queue before it listened, and about those that were delivered before, it asks a manager. All of it saves work and no more: what is
/// not heard is worked on, and the reply is ignored.
/// </summary>
internal sealed partial class CancellationListener(
    string queue, IMessageBus bus, CancelledSet cancelled, StepWorkerOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int Prefetch = 100;
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly string _ownQueue = $"cancellations.{queue}.{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _questions = [];
    private IAsyncDisposable? _consumer;
    private long _earlier;
    private TaskCompletionSource _hearing = NewSignal();
    private DateTimeOffset _silentUntil;
    private volatile bool _mustCount;

    private TimeSpan Limit => TimeSpan.FromMilliseconds(options.WantedTimeoutMs);

    /// <summary>Begins to listen; must return before messages of the queue are taken.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var consumer = new ConsumerOptions
        {
            Queue = _ownQueue,
            Durable = false,
            Bindings = [(Wire.CancellationsExchange, queue)],
            Prefetch = Prefetch,
            Attached = Hear,
        };
        try
        {
            _consumer = await bus.ConsumeAsync(consumer, HandleAsync, cancellationToken);
            _mustCount = false;
            await CountAsync(held: 0, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Such as a broker that does not let this user declare a queue: the work is done all the same.
            LogDeaf(logger, queue, exception);
        }
    }

    /// <summary>Finds out what is to be known about these messages, within the limit.</summary>
    public async Task LookAsync(IReadOnlyList<StepCall> calls, CancellationToken cancellationToken)
    {
        if (_consumer is null)
            return;
        try
        {
            if (time.GetUtcNow() < _silentUntil)
                return;
            await Volatile.Read(ref _hearing).Task.WaitAsync(Limit, time, cancellationToken);
            if (_mustCount)
            {
                _mustCount = false;
                await CountAsync(options.EffectivePrefetch, cancellationToken);
            }
            var unsure = calls.Where(IsUnsure).SelectMany(call => call.Message.Items).Where(item => item.CorrelationId is not null)
                .Select(item => new CancelledDispatch(item.CorrelationId!, item.Attempt ?? 0)).ToList();
            if (unsure.Count > 0)
                await AskAsync(unsure, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever keeps the answer away, the work is not kept waiting for it again and again.
            _silentUntil = time.GetUtcNow() + Silence;
            LogNotAnswered(logger, queue, exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_consumer is not null)
            await _consumer.DisposeAsync();
    }

    /// <summary>After a loss everything waits until the ear is back: what was told in between is gone.</summary>
    private void Hear(bool attached)
    {
        if (attached)
        {
            _mustCount = true;
            _hearing.TrySetResult();
        }
        else
        {
            Volatile.Write(ref _hearing, NewSignal());
        }
    }

    private bool IsUnsure(StepCall call)
    {
        var wasThereBefore = _earlier > 0 && Interlocked.Decrement(ref _earlier) >= 0;
        return wasThereBefore || call.Message.Source.DeliveryCount > 0;
    }

    /// <summary>Counted once listening has begun: what comes behind these was sent later, so that its cancellation is heard.</summary>
    /// <param name="held">Messages that may be in this worker's hands, and so in the queue no more.</param>
    private async Task CountAsync(int held, CancellationToken cancellationToken)
    {
        var depth = await bus.InspectAsync(queue, cancellationToken);
        Interlocked.Exchange(ref _earlier, (depth?.Messages ?? 0) + held);
    }

    private async Task AskAsync(List<CancelledDispatch> unsure, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        var answered = _questions[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var question = new OutgoingMessage("", Wire.WantedQueue, JsonSerializer.SerializeToUtf8Bytes(unsure, MillraceJson.Options),
                new MessageProperties { ContentType = Wire.JsonContentType, CorrelationId = id, ReplyTo = _ownQueue });
            var outcomes = await bus.SendAsync([question], cancellationToken).WaitAsync(Limit, time, cancellationToken);
            if (outcomes[0].Kind != SendOutcomeKind.Unroutable)
                await answered.Task.WaitAsync(Limit, time, cancellationToken);
        }
        finally
        {
            _questions.TryRemove(id, out _);
        }
    }

    private Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        if (Read(message) is { } dispatches)
            cancelled.Add(dispatches);
        if (message.Properties.CorrelationId is { } id && _questions.TryGetValue(id, out var question))
            question.TrySetResult();
        return Task.CompletedTask;
    }

    private List<CancelledDispatch>? Read(IncomingMessage message)
    {
        try
        {
            return JsonSerializer.Deserialize<List<CancelledDispatch>>(message.Body.Span, MillraceJson.Options)?
                .FindAll(dispatch => dispatch?.CorrelationId is not null);
        }
        catch (JsonException error)
        {
            LogUnreadable(logger, queue, error.Message);
            return null;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cancellations for {Queue} are not heard; everything is worked on")]
    private static partial void LogDeaf(ILogger logger, string queue, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No manager said which messages of {Queue} are still wanted; they are worked on")]
    private static partial void LogNotAnswered(ILogger logger, string queue, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A cancellation for {Queue} can't be read: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string queue, string reason);
}

using Microsoft.Extensions.Logging;
using Millrace.Contracts;

namespace Millrace.Messaging.Delivery;

/// <summary>What happens to a message between its delivery and its acknowledgement, on every transport.</summary>
/// <remarks>
/// A message whose handler threw stays with this consumer, unacknowledged, until its pause is over: the broker would deliver
/// it again at once, and count nothing on classic queues. If the consumer ends meanwhile, the broker gives it to another.
/// </remarks>
internal sealed partial class DeliveryHandler(
    ConsumerOptions options,
    BusOptions limits,
    Func<IncomingMessage, CancellationToken, Task> handle,
    TimeProvider time,
    ILogger logger)
{
    /// <param name="leaving">The consumer takes no more deliveries: pauses end, handlers in progress go on.</param>
    /// <param name="aborting">Handlers in progress must end.</param>
    /// <returns>True if the message is done with, false if it must go back to its queue.</returns>
    public async Task<bool> HandleAsync(IDelivery delivery, CancellationToken leaving, CancellationToken aborting)
    {
        var message = delivery.Message;
        // A dead letter may be larger, and is one already.
        if (message.Body.Length > limits.MaxBodyBytes && options.Queue != Wire.DeadLetterQueue)
            return await DeadLetterAsync(delivery, $"body of {message.Body.Length} bytes is over the limit of {limits.MaxBodyBytes}", leaving);
        if (IsOverLimit(message))
            return await DeadLetterAsync(delivery, $"delivered {message.DeliveryCount} times without an acknowledgement", leaving);
        var handler = options.Suspects is { } suspects && message.DeliveryCount >= suspects.Deliveries ? suspects.Handle : handle;
        while (true)
        {
            var failure = await TryHandleAsync(handler, message, aborting);
            if (failure is null)
                return true;
            if (failure is DeadLetterException)
                return await DeadLetterAsync(delivery, failure.Message, leaving);
            if (aborting.IsCancellationRequested)
                return false;
            message = message with { DeliveryCount = message.DeliveryCount + 1 };
            if (IsOverLimit(message))
                return await DeadLetterAsync(delivery, $"failed {message.DeliveryCount} times, last with {failure.GetType().Name}: {failure.Message}", leaving);
            LogFailed(logger, message.Queue, message.DeliveryCount, options.DeliveryLimit, failure.GetType().Name, failure.Message);
            if (!await PauseAsync(message.DeliveryCount, leaving))
                return false;
        }
    }

    private bool IsOverLimit(IncomingMessage message) =>
        options.DeliveryLimit != ConsumerOptions.NoDeliveryLimit && message.DeliveryCount >= options.DeliveryLimit;

    private static async Task<Exception?> TryHandleAsync(
        Func<IncomingMessage, CancellationToken, Task> handler, IncomingMessage message, CancellationToken aborting)
    {
        try
        {
            await handler(message, aborting);
            return null;
        }
        catch (Exception exception)
        {
            // Whatever the handler throws is the message's failure, never the consumer's.
            return exception;
        }
    }

    private async Task<bool> DeadLetterAsync(IDelivery delivery, string reason, CancellationToken leaving)
    {
        LogDeadLetter(logger, delivery.Message.Queue, reason);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await delivery.DeadLetterAsync(reason, leaving))
                    return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
            if (!await PauseAsync(attempt, leaving))
                return false;
        }
    }

    private async Task<bool> PauseAsync(int deliveries, CancellationToken leaving)
    {
        var delay = Backoff.Delay(options.RedeliveryDelayMs, options.MaxRedeliveryDelayMs, deliveries);
        await Task.Delay(delay, time, leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !leaving.IsCancellationRequested;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message of {Queue} failed, delivery {Count} of {Limit}: {Type}: {Error}")]
    private static partial void LogFailed(ILogger logger, string queue, int count, int limit, string type, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message of {Queue} is dead-lettered: {Reason}")]
    private static partial void LogDeadLetter(ILogger logger, string queue, string reason);
}

using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Ingest;
using Millrace.WorkflowManager.Runtime.Replies;

namespace Millrace.WorkflowManager.Runtime.Suspects;

/// <summary>
/// Takes suspects one at a time, so that only one can be to blame for the end of the process. All others are handled as if they had never been
/// suspected; that one becomes a dead letter.
/// </summary>
internal sealed class SuspectConsumer(IMessageBus bus, IngestConsumer ingest, ReplyConsumer replies, WorkflowManagerOptions options)
{
    private const int DeliveriesAlone = 10;

    public Task<IAsyncDisposable> StartAsync(CancellationToken cancellationToken) => bus.ConsumeAsync(
        new ConsumerOptions
        {
            Queue = Wire.SuspectsQueue,
            Bindings = [(Wire.SuspectsExchange, "#")],
            Prefetch = 1,
            DeliveryLimit = options.DeliveryLimit,
            Suspects = (DeliveriesAlone, (message, _) => throw new DeadLetterException(
                $"delivered {message.DeliveryCount} times to a manager that had nothing else in hand, and never acknowledged: it probably ends the process that takes it")),
        },
        HandleAsync, cancellationToken);

    private Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken) =>
        Wire.IsReplyQueue(message.Properties.Headers.GetValueOrDefault(Wire.SuspectOfHeader))
            ? replies.HandleAsync(message, cancellationToken)
            : ingest.HandleAsync(message, cancellationToken);
}

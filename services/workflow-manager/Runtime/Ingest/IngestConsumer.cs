using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>Reads the exchange <c>ingest</c>. A message is acknowledged once its requests are saved; what is refused is dead-lettered.</summary>
internal sealed partial class IngestConsumer(
    IMessageBus bus, IngestDoor door, WorkflowManagerOptions options, RuntimeMeter meter, ILogger<IngestConsumer> logger)
{
    public Task<IAsyncDisposable> StartAsync(CancellationToken cancellationToken) => bus.ConsumeAsync(
        new ConsumerOptions
        {
            Queue = Wire.IngestQueue,
            Bindings = [(Wire.IngestExchange, "#")],
            Prefetch = options.IngestPrefetch,
            DeliveryLimit = options.DeliveryLimit,
        },
        HandleAsync, cancellationToken);

    private async Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var properties = message.Properties;
        var headers = properties.Headers;
        var senderId = headers.GetValueOrDefault(Wire.RequestIdHeader) ?? properties.MessageId;
        var body = new IngestedBody(
            message.Body, senderId, properties.Priority, TraceParents.Check(headers.GetValueOrDefault(Wire.TraceParentHeader)));
        try
        {
            var ids = await door.AcceptAsync(message.RoutingKey, body, cancellationToken);
            FailPoint.Reach("ingest.saved");
            meter.Ingested(message.RoutingKey, ids.Count);
        }
        catch (RefusedException refusal)
        {
            LogRefused(logger, message.RoutingKey, refusal.Code, refusal.Message);
            throw new DeadLetterException($"{refusal.Code}: {refusal.Message}");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A post for workflow {Workflow} is refused ({Code}): {Reason}")]
    private static partial void LogRefused(ILogger logger, string workflow, string code, string reason);
}

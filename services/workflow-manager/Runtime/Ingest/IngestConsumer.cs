using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Suspects;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>
/// Reads the exchange <c>ingest</c>. A message is acknowledged once its requests are saved; what is refused is dead-lettered, and what is
/// for a workflow that this manager does not know goes to where it can wait (<see cref="UnknownConsumer"/>) and holds nobody up.
/// </summary>
internal sealed partial class IngestConsumer(
    IMessageBus bus, IngestDoor door, SuspectSender suspects, WorkflowCatalog catalog, WorkflowManagerOptions options, RuntimeMeter meter, StoreClock clock,
    ILogger<IngestConsumer> logger)
{
    public Task<IAsyncDisposable> StartAsync(CancellationToken cancellationToken) => bus.ConsumeAsync(
        new ConsumerOptions
        {
            Queue = Wire.IngestQueue,
            Bindings = [(Wire.IngestExchange, "#")],
            Prefetch = options.IngestPrefetch,
            DeliveryLimit = options.DeliveryLimit,
            Suspects = suspects.Aside,
        },
        HandleAsync, cancellationToken);

    public Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken) =>
        catalog.Find(message.RoutingKey) is null ? PutAsideAsync(message, cancellationToken) : AcceptAsync(message, cancellationToken);

    /// <exception cref="DeadLetterException">It is refused.</exception>
    public async Task AcceptAsync(IncomingMessage message, CancellationToken cancellationToken)
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

    private async Task PutAsideAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        var outcome = await bus.ForwardAsync(
            message, Wire.UnknownExchange, message.RoutingKey, new Dictionary<string, string?> { [Wire.UnknownSinceHeader] = since }, cancellationToken);
        if (outcome.Kind != SendOutcomeKind.Confirmed)
            throw new IOException($"The broker has not taken a post for the unknown workflow '{message.RoutingKey}': {outcome.Reason}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A post for workflow {Workflow} is refused ({Code}): {Reason}")]
    private static partial void LogRefused(ILogger logger, string workflow, string code, string reason);
}

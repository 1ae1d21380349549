using Millrace.Contracts;
using Millrace.Messaging.Delivery;

namespace Millrace.Messaging.InMemory;

internal sealed class MemoryDelivery(IncomingMessage message, IMessageBus bus) : IDelivery
{
    public IncomingMessage Message => message;

    public async Task<bool> DeadLetterAsync(string reason, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(message.Properties.Headers, StringComparer.OrdinalIgnoreCase)
        {
            [Wire.ReasonHeader] = DeadLetterHeaders.Shorten(reason),
            [DeadLetterHeaders.Exchange] = message.Exchange,
            [DeadLetterHeaders.RoutingKey] = message.RoutingKey,
            [DeadLetterHeaders.Queue] = message.Queue,
        };
        var letter = new OutgoingMessage("", Wire.DeadLetterQueue, message.Body, message.Properties with { Headers = headers });
        var outcomes = await bus.SendAsync([letter], cancellationToken);
        return outcomes[0].Kind == SendOutcomeKind.Confirmed;
    }
}

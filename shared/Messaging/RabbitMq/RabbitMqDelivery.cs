using Millrace.Contracts;
using Millrace.Messaging.Delivery;
using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>Keeps the properties as they came, so that a dead letter has them all with their types.</summary>
internal sealed class RabbitMqDelivery(IncomingMessage message, IReadOnlyBasicProperties properties, ConfirmedSender sender) : IDelivery
{
    public IncomingMessage Message => message;

    public async Task<bool> DeadLetterAsync(string reason, CancellationToken cancellationToken)
    {
        var whole = new BasicProperties(properties) { Persistent = true };
        // An expiration would let the evidence vanish.
        whole.ClearExpiration();
        whole.Headers = new Dictionary<string, object?>(whole.Headers ?? new Dictionary<string, object?>())
        {
            [Wire.ReasonHeader] = DeadLetterHeaders.Shorten(reason),
            [DeadLetterHeaders.Exchange] = message.Exchange,
            [DeadLetterHeaders.RoutingKey] = message.RoutingKey,
            [DeadLetterHeaders.Queue] = message.Queue,
        };
        // The other queue counts its own deliveries, and the reason tells of these.
        whole.Headers.Remove("x-delivery-count");
        var outcomes = await sender.SendAsync([new Outbound("", Wire.DeadLetterQueue, message.Body, whole, Mandatory: true)], cancellationToken);
        return outcomes[0].Kind == SendOutcomeKind.Confirmed;
    }
}

using Millrace.Contracts;
using Millrace.Messaging.Delivery;
using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>Keeps the properties as they came, so that a dead letter has them all with their types.</summary>
internal sealed class RabbitMqDelivery(IncomingMessage message, IReadOnlyBasicProperties properties, ConfirmedSender sender) : IDelivery
{
    /// <summary>For the reason and the names of exchange, routing key and queue.</summary>
    private const int OwnHeaderBytes = 8 * 1024;

    public IncomingMessage Message => message;

    public async Task<bool> DeadLetterAsync(string reason, CancellationToken cancellationToken)
    {
        var whole = ForeignProperties.Tame(properties);
        var headers = (Dictionary<string, object?>)whole.Headers!;
        var leftOut = HeaderRoom.Make(headers, OwnHeaderBytes);
        headers[Wire.ReasonHeader] = DeadLetterHeaders.Shorten(reason) + (leftOut is null ? "" : $"; {leftOut}");
        headers[DeadLetterHeaders.Exchange] = message.Exchange;
        headers[DeadLetterHeaders.RoutingKey] = message.RoutingKey;
        headers[DeadLetterHeaders.Queue] = message.Queue;
        var letter = new Outbound("", Wire.DeadLetterQueue, message.Body, whole, Mandatory: true, IsLetter: true);
        var outcomes = await sender.SendAsync([letter], cancellationToken);
        return outcomes[0].Kind == SendOutcomeKind.Confirmed;
    }
}

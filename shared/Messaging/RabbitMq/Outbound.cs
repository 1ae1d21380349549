using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>A message in the client's own terms.</summary>
internal readonly record struct Outbound(
    string Exchange, string RoutingKey, ReadOnlyMemory<byte> Body, BasicProperties Properties, bool Mandatory)
{
    public static Outbound From(OutgoingMessage message) =>
        new(message.Exchange, message.RoutingKey, message.Body, MessageMapper.ToAmqp(message.Properties), message.Mandatory);
}

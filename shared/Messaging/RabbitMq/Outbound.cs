using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>A message in the client's own terms.</summary>
/// <param name="IsLetter">A dead letter, which the broker had already: it is not ours to say that its body is too large.</param>
internal readonly record struct Outbound(
    string Exchange, string RoutingKey, ReadOnlyMemory<byte> Body, BasicProperties Properties, bool Mandatory, bool IsLetter = false)
{
    public Route Route => new(Exchange, RoutingKey);

    public static Outbound From(OutgoingMessage message) =>
        new(message.Exchange, message.RoutingKey, message.Body, MessageMapper.ToAmqp(message.Properties), message.Mandatory);
}

/// <summary>Where messages go together, and where they are held up together.</summary>
internal readonly record struct Route(string Exchange, string RoutingKey);

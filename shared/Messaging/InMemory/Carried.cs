namespace Millrace.Messaging.InMemory;

/// <summary>What a message has beside its body. The transport carries the body; headers of its own would change these.</summary>
internal sealed record Carried(string Exchange, string RoutingKey, MessageProperties Properties, int DeliveryCount);

/// <summary>The one message type: MassTransit routes by types, Millrace by queues.</summary>
internal sealed record RawBody(ReadOnlyMemory<byte> Bytes);

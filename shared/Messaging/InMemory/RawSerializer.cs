using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace Millrace.Messaging.InMemory;

/// <summary>Passes bodies through as they are: no envelope. Receiving takes them from the transport, before any reading.</summary>
internal sealed class RawSerializer : ISerializerFactory, IMessageSerializer
{
    public ContentType ContentType { get; } = SystemTextJsonRawMessageSerializer.JsonContentType;

    public IMessageSerializer CreateSerializer() => this;

    /// <summary>The transport wants one; nothing is read by it.</summary>
    public IMessageDeserializer CreateDeserializer() => new SystemTextJsonRawMessageSerializer();

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        context.Message is RawBody raw
            ? new BytesMessageBody(raw.Bytes.ToArray())
            : throw new NotSupportedException($"only {nameof(RawBody)} is sent");
}

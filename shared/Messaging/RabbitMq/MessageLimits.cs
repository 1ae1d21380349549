using System.Text;

namespace Millrace.Messaging.RabbitMq;

/// <summary>What AMQP cannot carry is refused here: sent, it would cost the connection and everything in flight on it.</summary>
internal static class MessageLimits
{
    private const int MaxShortString = 255;

    /// <returns>Null, or why the message cannot be sent.</returns>
    public static string? Check(Outbound message, BusOptions options)
    {
        if (!message.IsLetter && message.Body.Length > options.MaxBodyBytes)
            return $"body of {message.Body.Length} bytes is over the limit of {options.MaxBodyBytes}";
        var properties = message.Properties;
        return CheckText("exchange", message.Exchange)
            ?? CheckText("routing key", message.RoutingKey)
            ?? CheckText("correlation_id", properties.CorrelationId)
            ?? CheckText("reply_to", properties.ReplyTo)
            ?? CheckText("message_id", properties.MessageId)
            ?? CheckText("content_type", properties.ContentType)
            ?? CheckText("app_id", properties.AppId)
            ?? CheckHeaders(properties.Headers);
    }

    private static string? CheckText(string what, string? text) =>
        text is null || text.Length * 3 <= MaxShortString || Encoding.UTF8.GetByteCount(text) <= MaxShortString
            ? null
            : $"{what} is over {MaxShortString} bytes";

    private static string? CheckHeaders(IDictionary<string, object?>? headers)
    {
        if (headers is null)
            return null;
        var size = 0;
        // Its own enumerator costs no memory, and every message passes here.
        foreach (var (name, value) in headers as Dictionary<string, object?> ?? new Dictionary<string, object?>(headers))
        {
            if (CheckText("header name", name) is { } refusal)
                return refusal;
            if (ForeignProperties.Routes(name))
                return $"the header {name} would send the message to further queues; send it to each of them";
            size += HeaderSize.Of(name, value);
        }
        return size <= HeaderSize.Max ? null : $"headers are over {HeaderSize.Max} bytes";
    }
}

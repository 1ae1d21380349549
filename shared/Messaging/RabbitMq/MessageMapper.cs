using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>Between AMQP's properties and ours. Header values of every AMQP type become text; none is an error.</summary>
internal static class MessageMapper
{
    /// <summary>Of tables and lists in each other; a frame has room for more levels than a thread's stack.</summary>
    private const int MaxDepth = 16;

    public static BasicProperties ToAmqp(MessageProperties properties)
    {
        var amqp = new BasicProperties { Persistent = true };
        if (properties.ContentType is { } contentType)
            amqp.ContentType = contentType;
        if (properties.CorrelationId is { } correlationId)
            amqp.CorrelationId = correlationId;
        if (properties.ReplyTo is { } replyTo)
            amqp.ReplyTo = replyTo;
        if (properties.MessageId is { } messageId)
            amqp.MessageId = messageId;
        if (properties.AppId is { } appId)
            amqp.AppId = appId;
        if (properties.Priority != 0)
            amqp.Priority = properties.Priority;
        if (properties.Headers.Count > 0)
            amqp.Headers = properties.Headers.ToDictionary(header => header.Key, header => (object?)header.Value);
        return amqp;
    }

    public static MessageProperties FromAmqp(IReadOnlyBasicProperties amqp) => new()
    {
        ContentType = amqp.ContentType,
        CorrelationId = amqp.CorrelationId,
        ReplyTo = amqp.ReplyTo,
        MessageId = amqp.MessageId,
        AppId = amqp.AppId,
        Priority = amqp.Priority,
        Headers = ReadHeaders(amqp.Headers),
    };

    private static IReadOnlyDictionary<string, string> ReadHeaders(IDictionary<string, object?>? headers)
    {
        if (headers is null || headers.Count == 0)
            return FrozenDictionary<string, string>.Empty;
        var texts = new Dictionary<string, string>(headers.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers)
            texts[name] = ReadValue(value);
        return texts;
    }

    /// <summary>A header's value as text, whatever its type.</summary>
    public static string ReadValue(object? value) => ReadValue(value, depth: 0);

    private static string ReadValue(object? value, int depth) => value switch
    {
        null => "",
        byte[] text => Encoding.UTF8.GetString(text),
        string text => text,
        bool flag => flag ? "true" : "false",
        AmqpTimestamp timestamp => ReadTimestamp(timestamp),
        BinaryTableValue binary => Convert.ToBase64String(binary.Bytes ?? []),
        System.Collections.IEnumerable when depth == MaxDepth => "...",
        IDictionary<string, object?> table => $"{{{string.Join(", ", table.Select(pair => $"{pair.Key}: {ReadValue(pair.Value, depth + 1)}"))}}}",
        System.Collections.IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(item => ReadValue(item, depth + 1)))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string ReadTimestamp(AmqpTimestamp timestamp) =>
        timestamp.UnixTime is >= 0 and <= 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(timestamp.UnixTime).ToString("O", CultureInfo.InvariantCulture)
            : timestamp.UnixTime.ToString(CultureInfo.InvariantCulture);
}

using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// The properties of somebody else's message, to be sent on under our own rights: whole and with their types, but without effect on
/// the broker. What had one is kept as text in a header <c>x-original-...</c>. See https://www.rabbitmq.com/docs/sender-selected,
/// https://www.rabbitmq.com/docs/validated-user-id, https://www.rabbitmq.com/docs/ttl and https://www.rabbitmq.com/docs/dlx#effects.
/// </summary>
internal static class ForeignProperties
{
    private const string Kept = "x-original-";

    /// <returns>A copy that is persistent, never expires, reaches the queue that it is sent to and no other, and names no user.</returns>
    public static BasicProperties Tame(IReadOnlyBasicProperties sent)
    {
        var headers = TameHeaders(sent.Headers ?? new Dictionary<string, object?>());
        if (sent.IsExpirationPresent())
            headers[Kept + "expiration"] = sent.Expiration;
        // The broker closes the channel of whoever names another user than its own.
        if (sent.IsUserIdPresent())
            headers[Kept + "user-id"] = sent.UserId;
        var tame = new BasicProperties(sent) { Persistent = true, Headers = headers };
        tame.ClearExpiration();
        tame.ClearUserId();
        return tame;
    }

    /// <param name="headers">Set on the copy; null takes one away.</param>
    public static BasicProperties Change(IncomingMessage message, IReadOnlyDictionary<string, string?> headers)
    {
        var sent = message.Original is IReadOnlyBasicProperties original ? new BasicProperties(original) : MessageMapper.ToAmqp(message.Properties);
        sent.Headers = (sent.Headers ?? new Dictionary<string, object?>())
            .Where(header => !headers.Keys.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => header.Value);
        var tame = Tame(sent);
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
            tame.Headers![name] = value;
        return tame;
    }

    /// <summary>True for a header by which the broker copies a message to further queues.</summary>
    public static bool Routes(string header) =>
        header.Equals("CC", StringComparison.OrdinalIgnoreCase) || header.Equals("BCC", StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, object?> TameHeaders(IDictionary<string, object?> sent)
    {
        var headers = new Dictionary<string, object?>(sent.Count + 6);
        foreach (var (name, value) in sent)
        {
            if (Routes(name))
                headers[Kept + name.ToLowerInvariant()] = MessageMapper.ReadValue(value);
            else if (TellsOfDeath(name))
                headers[Kept + name["x-".Length..]] = MessageMapper.ReadValue(value);
            // The next queue counts its own deliveries.
            else if (name is not ("x-delivery-count" or "x-acquired-count"))
                headers[name] = value;
        }
        return headers;
    }

    /// <summary>The broker's own words, which a sender can forge: they are believed only on what the broker itself gave up.</summary>
    private static bool TellsOfDeath(string header) =>
        header == "x-death"
        || header.StartsWith("x-first-death-", StringComparison.Ordinal)
        || header.StartsWith("x-last-death-", StringComparison.Ordinal);
}

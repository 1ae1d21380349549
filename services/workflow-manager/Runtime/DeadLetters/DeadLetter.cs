using System.Security.Cryptography;
using System.Text;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.DeadLetters;

/// <summary>One message of the dead-letter queue, put there by Millrace or by the broker itself.</summary>
internal sealed record DeadLetter(string Id, IncomingMessage Message)
{
    private const string FirstExchange = "first-exchange";
    private const string FirstRoutingKey = "first-routing-key";
    private const string FirstQueue = "first-queue";
    private const int MaxShownBytes = 16 * 1024;

    private string Reason => Find(Wire.ReasonHeader) ?? BrokerDeath.Reason(Headers) ?? "";

    private string? Queue => Find(FirstQueue) ?? BrokerDeath.Queue(Headers);

    private string? Exchange => Find(FirstExchange) ?? BrokerDeath.Origin(Headers)?.Exchange;

    private string? RoutingKey => Find(FirstRoutingKey) ?? BrokerDeath.Origin(Headers)?.RoutingKey;

    private IReadOnlyDictionary<string, string> Headers => Message.Properties.Headers;

    public static DeadLetter From(IncomingMessage message)
    {
        // The body is the transport's again when the look is over.
        var letter = new DeadLetter("", message with { Body = message.Body.ToArray() });
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in new[] { letter.Reason, letter.Exchange, letter.RoutingKey })
            hash.AppendData(Encoding.UTF8.GetBytes((text ?? "") + "\n"));
        hash.AppendData(message.Body.Span);
        return letter with { Id = Convert.ToHexStringLower(hash.GetHashAndReset())[..32] };
    }

    public DeadLetterView Show() => new(
        Id, Reason, Queue, Exchange, RoutingKey, Message.Body.Length,
        Encoding.UTF8.GetString(Message.Body.Span[..Math.Min(Message.Body.Length, MaxShownBytes)]));

    /// <summary>The message as it was sent first; null if it does not say where to.</summary>
    public OutgoingMessage? Again() => RoutingKey is not { } routingKey ? null : new OutgoingMessage(
        Exchange ?? "", routingKey, Message.Body, Message.Properties with
        {
            Headers = Headers
                .Where(header => header.Key is not (Wire.ReasonHeader or FirstExchange or FirstRoutingKey or FirstQueue) && !BrokerDeath.IsTrace(header.Key))
                .ToDictionary(header => header.Key, header => header.Value),
        });

    private string? Find(string header) => Headers.GetValueOrDefault(header);
}

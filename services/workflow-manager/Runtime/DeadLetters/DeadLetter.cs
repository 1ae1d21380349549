using System.Security.Cryptography;
using System.Text;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.DeadLetters;

/// <summary>One message of the dead-letter queue.</summary>
internal sealed record DeadLetter(string Id, IncomingMessage Message)
{
    private const string FirstExchange = "first-exchange";
    private const string FirstRoutingKey = "first-routing-key";
    private const string FirstQueue = "first-queue";
    private const int MaxShownBytes = 16 * 1024;

    public static DeadLetter From(IncomingMessage message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var header in new[] { Wire.ReasonHeader, FirstExchange, FirstRoutingKey })
            hash.AppendData(Encoding.UTF8.GetBytes((message.Properties.Headers.GetValueOrDefault(header) ?? "") + "\n"));
        hash.AppendData(message.Body.Span);
        // The body is the transport's again when the look is over.
        return new DeadLetter(Convert.ToHexStringLower(hash.GetHashAndReset())[..32], message with { Body = message.Body.ToArray() });
    }

    public DeadLetterView Show() => new(
        Id, Find(Wire.ReasonHeader) ?? "", Find(FirstQueue), Find(FirstExchange), Find(FirstRoutingKey), Message.Body.Length,
        Encoding.UTF8.GetString(Message.Body.Span[..Math.Min(Message.Body.Length, MaxShownBytes)]));

    /// <summary>The message as it was sent first; null if it does not say where to.</summary>
    public OutgoingMessage? Again() => Find(FirstRoutingKey) is not { } routingKey ? null : new OutgoingMessage(
        Find(FirstExchange) ?? "", routingKey, Message.Body, Message.Properties with
        {
            Headers = Message.Properties.Headers
                .Where(header => header.Key is not (Wire.ReasonHeader or FirstExchange or FirstRoutingKey or FirstQueue))
                .ToDictionary(header => header.Key, header => header.Value),
        });

    private string? Find(string header) => Message.Properties.Headers.GetValueOrDefault(header);
}

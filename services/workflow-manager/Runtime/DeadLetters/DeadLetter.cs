using System.Security.Cryptography;
using System.Text;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.DeadLetters;

/// <summary>
/// One message of the dead-letter queue, put there by Millrace or by the broker itself. Where the broker did, its word counts: the
/// headers that we write may then be anybody's.
/// </summary>
/// <param name="Message">Its body is valid as long as it is looked at.</param>
internal sealed record DeadLetter(string Id, IncomingMessage Message)
{
    private const string FirstExchange = "first-exchange";
    private const string FirstRoutingKey = "first-routing-key";
    private const string FirstQueue = "first-queue";
    private const int MaxShownBytes = 16 * 1024;

    /// <summary>Where it was sent first; null if it does not say.</summary>
    public (string Exchange, string RoutingKey)? Origin =>
        BrokerDeath.Origin(Headers) ?? (Find(FirstRoutingKey) is { } routingKey ? (Find(FirstExchange) ?? "", routingKey) : null);

    /// <summary>What was written on it when it died, each to be taken away when it is sent again.</summary>
    public IReadOnlyDictionary<string, string?> Marks => Headers.Keys
        .Where(name => name is Wire.ReasonHeader or Wire.UnknownSinceHeader or FirstExchange or FirstRoutingKey or FirstQueue || BrokerDeath.IsTrace(name))
        .ToDictionary(name => name, _ => (string?)null);

    private string Reason => BrokerDeath.Reason(Headers) ?? Find(Wire.ReasonHeader) ?? "";

    private IReadOnlyDictionary<string, string> Headers => Message.Properties.Headers;

    public static DeadLetter From(IncomingMessage message)
    {
        var letter = new DeadLetter("", message);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in new[] { letter.Reason, letter.Origin?.Exchange, letter.Origin?.RoutingKey })
            hash.AppendData(Encoding.UTF8.GetBytes((text ?? "") + "\n"));
        hash.AppendData(message.Body.Span);
        return letter with { Id = Convert.ToHexStringLower(hash.GetHashAndReset())[..32] };
    }

    public DeadLetterView Show() => new(
        Id, Reason, BrokerDeath.Queue(Headers) ?? Find(FirstQueue), Origin?.Exchange, Origin?.RoutingKey, Message.Body.Length,
        Encoding.UTF8.GetString(Message.Body.Span[..Math.Min(Message.Body.Length, MaxShownBytes)]));

    private string? Find(string header) => Headers.GetValueOrDefault(header);
}

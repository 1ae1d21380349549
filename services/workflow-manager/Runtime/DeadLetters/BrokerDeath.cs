using System.Text.RegularExpressions;
using Millrace.Contracts;

namespace Millrace.WorkflowManager.Runtime.DeadLetters;

/// <summary>
/// What RabbitMQ writes on a message that it dead-letters itself: one that a worker rejected without wanting it again, one over the
/// queue's delivery limit, one that expired. See https://www.rabbitmq.com/docs/dlx#effects. The last death counts, which
/// brokers before 3.13 do not tell; there it is the first.
/// </summary>
internal static partial class BrokerDeath
{
    /// <returns>The queue that the message died in, or null if the broker has not given it up.</returns>
    public static string? Queue(IReadOnlyDictionary<string, string> headers) => Find(headers, "queue");

    /// <returns>
    /// Where the message can be sent again, or null if the broker has not given it up: to the one queue that it died in, through the
    /// default exchange; a post, whose routing key is its workflow, as it was published.
    /// </returns>
    public static (string Exchange, string RoutingKey)? Origin(IReadOnlyDictionary<string, string> headers) =>
        Queue(headers) is not { } queue ? null
        : Find(headers, "exchange") == Wire.IngestExchange && RoutingKeys().Match(headers.GetValueOrDefault("x-death") ?? "") is { Success: true } keys
            ? (Wire.IngestExchange, keys.Groups[1].Value)
            : ("", queue);

    /// <returns>Why, in words, or null if the broker has not given it up.</returns>
    public static string? Reason(IReadOnlyDictionary<string, string> headers) => Queue(headers) is not { } queue ? null : Find(headers, "reason") switch
    {
        "rejected" => $"a worker of {queue} rejected it and did not want it again",
        "delivery_limit" => $"{queue} delivered it as often as the broker allows, without an acknowledgement",
        "expired" => $"it waited in {queue} for longer than the broker allows",
        "maxlen" => $"{queue} held as many messages as the broker allows",
        var other => $"the broker took it out of {queue}: {other ?? "no reason given"}",
    };

    /// <returns>True for a header that tells of deliveries and deaths before, none of which is the message's own.</returns>
    public static bool IsTrace(string header) =>
        header is "x-death" or "x-delivery-count" or "x-acquired-count"
        || header.StartsWith("x-first-death-", StringComparison.Ordinal)
        || header.StartsWith("x-last-death-", StringComparison.Ordinal);

    /// <summary>The first of the latest death, in a table that has become text.</summary>
    [GeneratedRegex(@"routing-keys: \[([^\],]+)")]
    private static partial Regex RoutingKeys();

    private static string? Find(IReadOnlyDictionary<string, string> headers, string what) =>
        headers.GetValueOrDefault($"x-last-death-{what}") ?? headers.GetValueOrDefault($"x-first-death-{what}");
}

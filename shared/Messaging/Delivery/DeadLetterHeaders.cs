namespace Millrace.Messaging.Delivery;

/// <summary>What a dead letter says beside <c>reason</c>: where it was sent first and which queue it came from.</summary>
internal static class DeadLetterHeaders
{
    public const string Exchange = "first-exchange";
    public const string RoutingKey = "first-routing-key";
    public const string Queue = "first-queue";

    /// <summary>A reason is a header, which AMQP bounds by the frame.</summary>
    public const int MaxReasonLength = 1_000;

    public static string Shorten(string reason) => reason.Length <= MaxReasonLength ? reason : reason[..MaxReasonLength];
}

namespace Millrace.Contracts.Views;

/// <summary>A message that was given up, with its reason.</summary>
/// <param name="Id">Made of its content: equal messages have equal ids.</param>
/// <param name="Queue">The queue that it came from.</param>
/// <param name="Exchange">Where it was sent first; empty for the default exchange.</param>
/// <param name="Body">As text; what is no UTF-8 is replaced, and what is too long is cut.</param>
public sealed record DeadLetterView(
    string Id, string Reason, string? Queue, string? Exchange, string? RoutingKey, int BodyBytes, string Body);

/// <param name="Total">How many lie in the queue; the items are the first of them.</param>
/// <param name="HasMore">There are more than the items: over the limit that was asked for, or over what one look may read.</param>
public sealed record DeadLetterListView(IReadOnlyList<DeadLetterView> Items, long Total, bool HasMore);

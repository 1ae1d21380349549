using Millrace.Storage.Requests;

namespace Millrace.Storage.Mongo;

/// <summary>A document holds at most 16 MiB, and a request is one: what would not fit is refused, since it never will.</summary>
internal static class DocumentSize
{
    /// <summary>Of one transition, in its request's document; the rest of the 16 MiB is for the transitions before it.</summary>
    public const int MaxTransitionBytes = 15 << 20;

    private const int BsonObjectTooLarge = 10334;
    private const int UpdateTooLarge = 17419;
    private const int UpsertTooLarge = 17420;

    /// <exception cref="ArgumentException">A change alone is larger than a document may be.</exception>
    public static void Check(IReadOnlyList<RequestChange> changes)
    {
        var tooLarge = changes.Where(change => (long)change.Record.State.Length + change.Timeline.Length > MaxTransitionBytes).ToList();
        if (tooLarge.Count > 0)
            throw Refused(tooLarge.Select(change => change.Record.Id));
    }

    /// <param name="code">Of a server's error.</param>
    public static bool IsTooLarge(int code) => code is BsonObjectTooLarge or UpdateTooLarge or UpsertTooLarge;

    public static ArgumentException Refused(IEnumerable<Guid> requests) => new(
        $"With this transition the document of {string.Join(", ", requests)} would be over MongoDB's 16 MiB; "
        + $"state and events of one transition may hold {MaxTransitionBytes} bytes together.");
}

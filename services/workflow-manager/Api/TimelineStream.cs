using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Api;

/// <summary>
/// The timeline of one request as server-sent events, until it has ended. The id of an event is its place, so that a stream that broke off goes on
/// behind the last event that came. While nothing happens an event <c>alive</c> without data comes, before a proxy takes the silence for the end.
/// </summary>
internal sealed class TimelineStream(Guid id, IRequestReader store, RequestFinder requests)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    /// <param name="after">The place of the last event that is known.</param>
    /// <returns>True if there is something to tell or there may be later.</returns>
    public async Task<bool> HasMoreAsync(RequestVersion request, Place after, CancellationToken cancellationToken) =>
        !request.IsFinished || (await ReadAsync(after, cancellationToken)).Count > 0;

    public async IAsyncEnumerable<SseItem<TimelineEventView?>> FollowAsync(
        RequestVersion? first, Place after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var next = first; next is { } request;)
        {
            var events = await ReadAsync(after, cancellationToken);
            foreach (var (place, happened) in events)
            {
                yield return new SseItem<TimelineEventView?>(happened, happened.Kind) { EventId = place.ToString() };
                after = place;
            }
            if (request.IsFinished)
                yield break;
            // A version may come without anything to tell.
            after = after.Version >= request.Version ? after : Place.EndOf(request.Version);
            var known = after.Version;
            next = await requests.WaitAsync(id, LongestSilence, found => found.Version > known, cancellationToken);
            if (next?.Version <= known)
                yield return new SseItem<TimelineEventView?>(null, "alive");
        }
    }

    private async Task<List<(Place Place, TimelineEventView Event)>> ReadAsync(Place after, CancellationToken cancellationToken)
    {
        var records = await store.ReadTimelineAsync(id, after.Version - 1, cancellationToken);
        return
        [
            .. records.SelectMany(record => TimelineCodec.Read(record).Select((happened, index) => (new Place(record.Version, index), happened)))
                .Where(one => one.Item1.IsBehind(after)),
        ];
    }

    /// <summary>Which event of which version; 0 is before all.</summary>
    internal readonly record struct Place(long Version, int Index)
    {
        /// <returns>Before all if the text is no place, or one behind the request as it is now: then it is of another request.</returns>
        public static Place Parse(string text, long newest)
        {
            var parts = text.Split('.');
            return parts.Length == 2
                && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && version <= newest
                ? new Place(version, index)
                : default;
        }

        public static Place EndOf(long version) => new(version, int.MaxValue);

        public bool IsBehind(Place other) => (Version, Index).CompareTo((other.Version, other.Index)) > 0;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version}.{Index}");
    }
}

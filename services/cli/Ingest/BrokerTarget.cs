using Millrace.Cli.Posts;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Cli.Ingest;

/// <summary>Publishes to the <c>ingest</c> exchange and watches the queue behind it, so that the broker is never flooded.</summary>
internal sealed class BrokerTarget(IMessageBus bus, string workflow, int maxQueued, TimeProvider time) : IIngestTarget
{
    private const int MaxTries = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private long _sentSinceLook;

    public string Description => $"{bus.Description}, exchange {Wire.IngestExchange}, workflow {workflow}";

    public async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (_sentSinceLook < maxQueued / 4)
            return;
        while (await bus.InspectAsync(Wire.IngestQueue, cancellationToken) is { } depth && depth.Messages > maxQueued)
            await Task.Delay(Pause, time, cancellationToken);
        _sentSinceLook = 0;
    }

    public async Task<IReadOnlyList<Refusal>> SendAsync(IReadOnlyList<Post> posts, CancellationToken cancellationToken)
    {
        var refusals = new List<Refusal>();
        var open = posts;
        for (var attempt = 1; open.Count > 0; attempt++)
        {
            var outcomes = await bus.SendAsync([.. open.Select(ToMessage)], cancellationToken);
            refusals.AddRange(open.Zip(outcomes).Where(pair => pair.Second.Kind == SendOutcomeKind.Unroutable)
                .Select(pair => new Refusal(pair.First, "no queue takes posts from the exchange: has a manager ever been started on this broker?")));
            open = [.. open.Zip(outcomes).Where(pair => pair.Second.Kind == SendOutcomeKind.Unknown).Select(pair => pair.First)];
            if (open.Count > 0 && attempt == MaxTries)
                throw new IngestException($"The broker did not confirm: {outcomes.First(outcome => outcome.Kind == SendOutcomeKind.Unknown).Reason}");
            if (open.Count > 0)
                await Task.Delay(Pause * attempt * attempt, time, cancellationToken);
        }
        _sentSinceLook += posts.Count;
        return refusals;
    }

    public ValueTask DisposeAsync() => bus.DisposeAsync();

    private OutgoingMessage ToMessage(Post post) =>
        new(Wire.IngestExchange, workflow, post.Body, new MessageProperties { ContentType = Wire.JsonContentType, AppId = "millrace-ingest" });
}

using Millrace.Cli.Posts;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Cli.Ingest;

/// <summary>Publishes to the <c>ingest</c> exchange, each post a message.</summary>
internal sealed class BrokerTarget : IIngestTarget
{
    private const int MaxTries = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(15);

    private readonly IMessageBus _bus;
    private readonly string _workflow;
    private readonly TimeProvider _time;

    private BrokerTarget(IMessageBus bus, string workflow, TimeProvider time) => (_bus, _workflow, _time) = (bus, workflow, time);

    public string Description => $"{_bus.Description}, exchange {Wire.IngestExchange}, workflow {_workflow}";

    /// <exception cref="IngestException">The broker did not answer in time.</exception>
    public static async Task<BrokerTarget> ConnectAsync(string url, string workflow, TimeProvider time, CancellationToken cancellationToken)
    {
        var bus = BusFactory.Create(url);
        using var limit = new CancellationTokenSource(ConnectLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await bus.StartAsync(either.Token);
            return new BrokerTarget(bus, workflow, time);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await bus.DisposeAsync();
            throw new IngestException($"No broker lets us in at {bus.Description} within {ConnectLimit.TotalSeconds:0} s: is it running, and are host, port, user and password right?");
        }
        catch (InvalidOperationException refusal)
        {
            await bus.DisposeAsync();
            throw new IngestException(refusal.Message);
        }
    }

    public async Task<long> CountWaitingAsync(CancellationToken cancellationToken) =>
        await _bus.InspectAsync(Wire.IngestQueue, cancellationToken) is { } depth ? depth.Messages : 0;

    public async Task<IReadOnlyList<Refusal>> SendAsync(IReadOnlyList<Post> posts, CancellationToken cancellationToken)
    {
        var refusals = new List<Refusal>();
        var open = posts;
        for (var attempt = 1; open.Count > 0; attempt++)
        {
            var outcomes = await _bus.SendAsync([.. open.Select(ToMessage)], cancellationToken);
            refusals.AddRange(open.Zip(outcomes).Where(pair => pair.Second.Kind == SendOutcomeKind.Unroutable)
                .Select(pair => new Refusal(pair.First, "no queue takes posts from the exchange: has a manager ever been started on this broker?")));
            open = [.. open.Zip(outcomes).Where(pair => pair.Second.Kind == SendOutcomeKind.Unknown).Select(pair => pair.First)];
            if (open.Count > 0 && attempt == MaxTries)
                throw new IngestException($"The broker did not confirm: {outcomes.First(outcome => outcome.Kind == SendOutcomeKind.Unknown).Reason}");
            if (open.Count > 0)
                await Task.Delay(Pause * attempt * attempt, _time, cancellationToken);
        }
        return refusals;
    }

    public ValueTask DisposeAsync() => _bus.DisposeAsync();

    private OutgoingMessage ToMessage(Post post) =>
        new(Wire.IngestExchange, _workflow, post.Body, new MessageProperties { ContentType = Wire.JsonContentType, AppId = "millrace-ingest" });
}

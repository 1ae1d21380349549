using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Sources;
using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.DriftMonitor.Tests;

public sealed class AlarmSenderTests : IAsyncLifetime
{
    private static readonly DriftOptions Options = new() { ReferencePosts = 200, WindowPosts = 50, TestEveryPosts = 50, Frequencies = 32 };

    private readonly ListLogger<AlarmSender> _logs = new();
    private IMillraceStore _store = null!;
    private DetectorRegistry _detectors = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await StoreFactory.OpenAsync("memory:", cancellationToken: Token);
        _detectors = New();
        for (var post = 0; post < 250; post++)
            await _detectors.ObserveAsync(new PostVector("scores", "scores.X@r", $"post {post}", [post < 200 ? post % 7 : 20 + post % 7]), Token);
        await _detectors.SaveDueAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        _detectors.Dispose();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task An_alarm_that_is_not_confirmed_is_sent_again_with_the_same_id_and_told_once()
    {
        await using var bus = new FickleBus(SendOutcomeKind.Unknown, SendOutcomeKind.Unroutable, SendOutcomeKind.Confirmed);
        using var sender = New(bus);

        for (var round = 0; round < 5; round++)
            await sender.SendPendingAsync(Token);

        Assert.Equal(3, bus.Sent.Count);
        Assert.Single(bus.Sent.Select(message => message.Properties.MessageId).Distinct());
        Assert.All(bus.Sent, message => Assert.Equal(("results", "drift.alarm"), (message.Exchange, message.RoutingKey)));
        var body = JsonNode.Parse(bus.Sent[0].Body.Span)!;
        Assert.Equal(bus.Sent[0].Properties.MessageId, body["id"]!.ToString());
        Assert.Equal("scores.X@r", body["detector"]!.ToString());
        Assert.Equal(250, (long)body["test"]!["seen"]!);
        Assert.NotEmpty(body["driving"]!.AsArray());
        Assert.Single(_logs.Messages, message => message.StartsWith("Warning: Drift of scores.X@r: MMD²", StringComparison.Ordinal));
        Assert.Equal(2, _logs.Messages.Count(message => message.Contains("will be sent again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_start_sends_what_was_pending_and_the_next_one_does_not()
    {
        await using var bus = new FickleBus();
        for (var start = 0; start < 2; start++)
        {
            using var detectors = New();
            await detectors.LoadAsync(Token);
            using var sender = New(bus, detectors);
            await sender.StartAsync(Token);
            await bus.FirstSent.WaitAsync(TimeSpan.FromSeconds(20), Token);
            // Its turn comes after that of the round in progress, so that the alarm is confirmed by then.
            await sender.SendPendingAsync(Token);
            await sender.StopAsync(Token);
        }

        Assert.Single(bus.Sent);
    }

    private DetectorRegistry New() => new(_store.Documents, new IgnoredVectors(), Options, new SetClock(), NullLogger<DetectorRegistry>.Instance);

    private AlarmSender New(IMessageBus bus, DetectorRegistry? detectors = null) => new(bus, detectors ?? _detectors, TimeProvider.System, _logs);

    /// <summary>Gives each message the next outcome, then confirms.</summary>
    private sealed class FickleBus(params SendOutcomeKind[] outcomes) : IMessageBus
    {
        private readonly TaskCompletionSource _firstSent = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<OutgoingMessage> Sent { get; } = [];

        public Task FirstSent => _firstSent.Task;

        public string Description => "fickle";

        public bool IsHealthy => true;

        public int MaxBodyBytes => int.MaxValue;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<IReadOnlyList<SendOutcome>> SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
        {
            Sent.AddRange(messages);
            _firstSent.TrySetResult();
            return Task.FromResult<IReadOnlyList<SendOutcome>>([new SendOutcome(Sent.Count <= outcomes.Length ? outcomes[Sent.Count - 1] : SendOutcomeKind.Confirmed)]);
        }

        public Task<SendOutcome> ForwardAsync(
            IncomingMessage message, string exchange, string routingKey, IReadOnlyDictionary<string, string?> headers, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task LookAsync(string queue, Func<IncomingMessage, Task<LookStep>> see, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeclareQueueAsync(string queue, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IAsyncDisposable> ConsumeAsync(
            ConsumerOptions options, Func<IncomingMessage, CancellationToken, Task> handle, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<QueueDepth?> InspectAsync(string queue, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Contracts;
using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Sources;
using Millrace.DriftMonitor.Tests.Detection;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.DriftMonitor.Tests;

public sealed class DriftConsumerTests
{
    private static readonly DriftOptions Options = new() { ReferencePosts = 50, WindowPosts = 50, SaveEveryPosts = 10 };

    [Fact]
    public async Task While_the_store_does_not_answer_results_are_held_up_and_none_is_lost()
    {
        var token = TestContext.Current.CancellationToken;
        await using var store = await StoreFactory.OpenAsync("memory:", cancellationToken: token);
        await using var bus = BusFactory.Create("memory:");
        await bus.StartAsync(token);
        var documents = new BreakableDocuments(store.Documents) { Refused = DetectorStore.HeadPrefix };
        using var detectors = new DetectorRegistry(documents, new IgnoredVectors(), Options, new SetClock(), NullLogger<DetectorRegistry>.Instance);
        using var alarms = new AlarmSender(bus, detectors, TimeProvider.System, NullLogger<AlarmSender>.Instance);
        var logs = new ListLogger<DriftConsumer>();
        await using var consumer = new DriftConsumer(bus, detectors, alarms, Options, new HastyClock(), logs);
        await consumer.StartAsync(token);

        for (var post = 0; post < 60; post++)
            await bus.SendAsync([Result(post)], token);
        await EventuallyAsync(() => logs.Messages.Count(message => message.Contains("held up", StringComparison.Ordinal)) > 100);
        Assert.Empty(await store.Documents.ListAsync(DetectorStore.HeadPrefix, 10, token));
        documents.Refused = null;
        await EventuallyAsync(() => SeenAsync().Result == 60);
        await consumer.StopAsync(token);

        Assert.Equal(0, (await bus.InspectAsync(DriftConsumer.Queue, token))!.Messages);
        Assert.Equal(0, (await bus.InspectAsync(Wire.DeadLetterQueue, token))!.Messages);

        async Task<long> SeenAsync() => (await store.Documents.ListAsync(DetectorStore.HeadPrefix, 10, token))
            .Select(document => DetectorCodec.ReadHead(document.Body.Span).Seen).SingleOrDefault();
    }

    [Theory]
    [InlineData(new byte[] { 0xBF })]
    [InlineData(new byte[] { (byte)'\\', (byte)'u', (byte)'d', (byte)'8', (byte)'0', (byte)'0' })]
    public async Task A_result_with_what_is_no_text_is_refused_at_once_with_the_reason(byte[] noText)
    {
        var token = TestContext.Current.CancellationToken;
        await using var store = await StoreFactory.OpenAsync("memory:", cancellationToken: token);
        await using var bus = BusFactory.Create("memory:");
        await bus.StartAsync(token);
        using var detectors = new DetectorRegistry(store.Documents, new IgnoredVectors(), Options, new SetClock(), NullLogger<DetectorRegistry>.Instance);
        using var alarms = new AlarmSender(bus, detectors, TimeProvider.System, NullLogger<AlarmSender>.Instance);
        await using var consumer = new DriftConsumer(bus, detectors, alarms, Options, TimeProvider.System, NullLogger<DriftConsumer>.Instance);
        await consumer.StartAsync(token);
        var letter = new TaskCompletionSource<IncomingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var letters = await bus.ConsumeAsync(
            new ConsumerOptions { Queue = Wire.DeadLetterQueue },
            (message, _) =>
            {
                letter.TrySetResult(message);
                return Task.CompletedTask;
            }, token);

        byte[] body = [.. """{"key":"""u8, (byte)'"', .. noText, .. "\",\"result\":{\"scores\":{\"TOXICITY\":0.5}}}"u8];
        await bus.SendAsync([new OutgoingMessage(Wire.ResultsExchange, "enrich-post.completed", body, MessageProperties.Empty)], token);

        var kept = await letter.Task.WaitAsync(TimeSpan.FromSeconds(30), token);
        Assert.StartsWith("the result holds what is not valid Unicode text", kept.Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }

    private static OutgoingMessage Result(int post) => new(
        Wire.ResultsExchange, "enrich-post.completed",
        Encoding.UTF8.GetBytes($$"""{"key":"post {{post}}","result":{"scores":{"TOXICITY":0.{{post}}} } }"""), MessageProperties.Empty);

    private static Task EventuallyAsync(Func<bool> holds) =>
        ManagerClient.EventuallyAsync(() => Task.FromResult(holds()), TimeSpan.FromSeconds(30), () => Task.FromResult("it did not come about"));

    /// <summary>Lets no one wait.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

using System.Collections.Concurrent;
using System.Text;
using Millrace.Contracts;
using Millrace.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.WorkflowManager.Tests.Runtime.Suspects;

/// <summary>Of messages that were in hand when managers ended one may be to blame: it is found, and all others count.</summary>
public sealed class SuspectTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Posts_and_replies_that_were_in_hand_at_ten_ends_are_handled_one_by_one_and_all_count()
    {
        await using var place = await OpenAsync();
        await using (await place.ManageAsync(TestWorkflows.Chain("chain", "a")))
        {
            await place.PublishAsync("chain", 1);
            await WaitingAsync(place.Bus, "a", messages: 1);
        }
        await using (await PlainWorker.StartAsync(place.Bus, "a", input => input))
            await WaitingAsync(place.Bus, Wire.ReplyQueue, messages: 1);
        for (var post = 1; post < 5; post++)
            await place.PublishAsync("chain", 1, post);
        var aside = new ConcurrentQueue<string>();
        await using var witness = await place.Bus.ConsumeAsync(
            new ConsumerOptions { Queue = "witness", Bindings = [(Wire.SuspectsExchange, "#")] },
            (message, _) =>
            {
                aside.Enqueue(message.Properties.Headers[Wire.SuspectOfHeader]);
                return Task.CompletedTask;
            }, Token);
        for (var end = 0; end < 10; end++)
        {
            await EndWithAsync(Wire.IngestQueue, messages: 4);
            await EndWithAsync(Wire.ReplyQueue, messages: 1);
        }

        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        for (var post = 0; post < 5; post++)
            Assert.Equal("completed", (await manager.FinishAsync(RequestIds.ForKey("chain", $"at://{post}"))).Status);
        Assert.Equal([.. Enumerable.Repeat(Wire.IngestQueue, 4), Wire.ReplyQueue], aside.Order());
    }

    [Fact]
    public async Task What_was_alone_at_ten_ends_is_a_dead_letter_that_can_be_sent_again_and_those_behind_it_count()
    {
        await using var place = await OpenAsync();
        await using (await place.ManageAsync(TestWorkflows.Chain("chain", "a")))
        {
            // Declares the queues.
        }
        await SuspectAsync(place.Bus, "guilty");
        for (var end = 0; end < 10; end++)
            await EndWithAsync(Wire.SuspectsQueue, messages: 1);
        await SuspectAsync(place.Bus, "innocent");
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        Assert.Equal("completed", (await manager.FinishAsync(RequestIds.ForKey("chain", "innocent"))).Status);
        Assert.StartsWith("delivered 10 times to a manager that had nothing else in hand", await place.NextDeadLetterAsync(Token), StringComparison.Ordinal);
        Assert.Null(await manager.FindAsync(RequestIds.ForKey("chain", "guilty")));
    }

    private async Task<Workplace> OpenAsync()
    {
        var bus = BusFactory.Create(node.Url + "?queue-type=quorum");
        await bus.StartAsync(Token);
        return await Workplace.OpenAsync(bus);
    }

    private static async Task SuspectAsync(IMessageBus bus, string uri)
    {
        var properties = new MessageProperties { Headers = new Dictionary<string, string> { [Wire.SuspectOfHeader] = Wire.IngestQueue } };
        var message = new OutgoingMessage(Wire.SuspectsExchange, "chain", Encoding.UTF8.GetBytes($$"""{"uri":"{{uri}}"}"""), properties);
        Assert.Equal(SendOutcome.Confirmed, (await bus.SendAsync([message], Token))[0]);
    }

    private static async Task WaitingAsync(IMessageBus bus, string queue, int messages)
    {
        while ((await bus.InspectAsync(queue, Token))?.Messages != messages)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
    }

    /// <summary>Takes so many and is gone, as a process that one of them ends.</summary>
    private async Task EndWithAsync(string queue, int messages)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(node.Url) }.CreateConnectionAsync(Token);
        var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        var (taken, all) = (0, new TaskCompletionSource());
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, _) =>
        {
            if (++taken == messages)
                all.TrySetResult();
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, Token);
        await all.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await connection.CloseAsync(Token);
    }
}

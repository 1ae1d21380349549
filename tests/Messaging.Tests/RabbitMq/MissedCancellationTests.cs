using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Messaging.Tests.Conformance;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>While a worker's connection is lost it hears nothing, and its ear on the broker is gone.</summary>
[Collection("managers")]
public sealed class MissedCancellationTests(SharedNode node)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_cancelled_while_a_worker_was_cut_off_is_not_worked_on()
    {
        var queue = $"cut-{Guid.NewGuid():N}";
        await using var wire = new TcpProxy(node.Node.Port);
        await using var bus = BusFactory.Create(node.Url);
        await bus.StartAsync(Token);
        var replies = await Inbox.OpenAsync(bus, new ConsumerOptions { Queue = queue + "-replies" }, Token);
        await using var manager = await bus.ConsumeAsync(new ConsumerOptions { Queue = Wire.WantedQueue }, (message, _) => AnswerAsync(bus, message), Token);
        var worked = new List<string>();
        using var host = await StartWorkerAsync($"amqp://guest:guest@127.0.0.1:{wire.Port}", queue, worked);
        await SendAsync(bus, queue, "before");
        await replies.NextAsync();

        wire.Cut();
        await SendAsync(bus, queue, "cancelled");
        await SendAsync(bus, queue, "wanted");
        wire.Mend();

        // What was answered just before the cut may be answered once more.
        var answered = new HashSet<string>();
        while (!answered.IsSupersetOf(["cancelled:s", "wanted:s"]))
            answered.Add((await replies.NextAsync()).Properties.CorrelationId!);
        Assert.DoesNotContain("cancelled", worked);
        Assert.Contains("wanted", worked);
        await host.StopAsync(Token);
    }

    private static async Task<IHost> StartWorkerAsync(string url, string queue, List<string> worked)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessageBus(url);
        builder.Services.AddStepHandler<In, In>(queue, _ => new Handler(worked));
        var host = builder.Build();
        await host.StartAsync(Token);
        return host;
    }

    private static async Task SendAsync(IMessageBus bus, string queue, string text)
    {
        var properties = new MessageProperties
        {
            CorrelationId = text + ":s",
            ReplyTo = queue + "-replies",
            Headers = new Dictionary<string, string> { [Wire.AttemptHeader] = "1" },
        };
        await bus.SendAsync([new OutgoingMessage("", queue, Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""), properties)], Token);
    }

    private static async Task AnswerAsync(IMessageBus bus, IncomingMessage message)
    {
        var items = JsonSerializer.Deserialize<CancelledDispatch[]>(message.Body.Span, MillraceJson.Options)!;
        var answer = JsonSerializer.SerializeToUtf8Bytes(items.Where(item => item.CorrelationId == "cancelled:s"), MillraceJson.Options);
        var properties = new MessageProperties { CorrelationId = message.Properties.CorrelationId };
        await bus.SendAsync([new OutgoingMessage("", message.Properties.ReplyTo!, answer, properties)], Token);
    }

    private sealed record In(string Text);

    private sealed class Handler(List<string> worked) : IStepHandler<In, In>
    {
        public Task<IReadOnlyList<StepResult<In>>> HandleAsync(IReadOnlyList<In> inputs, CancellationToken cancellationToken)
        {
            worked.AddRange(inputs.Select(input => input.Text));
            return Task.FromResult<IReadOnlyList<StepResult<In>>>([.. inputs.Select(input => (StepResult<In>)input)]);
        }
    }
}

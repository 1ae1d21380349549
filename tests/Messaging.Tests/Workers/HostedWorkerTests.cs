using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Messaging.Tests.Conformance;

namespace Millrace.Messaging.Tests.Workers;

/// <summary>A worker as a service has it: a host, RabbitMQ, traces, metrics and health.</summary>
public sealed class HostedWorkerTests(SharedNode node)
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task A_hosted_worker_replies_within_the_senders_trace_and_is_counted_and_healthy()
    {
        var token = TestContext.Current.CancellationToken;
        var queue = $"hosted-{Guid.NewGuid():N}";
        var spans = new List<Activity>();
        using var listener = Listen(spans);
        var handled = 0L;
        using var meters = Count(queue, value => Interlocked.Add(ref handled, value));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessageBus(node.Url);
        builder.Services.AddStepHandler<Upper, Post, Post>(queue);
        using var host = builder.Build();
        await host.StartAsync(token);
        var bus = host.Services.GetRequiredService<IMessageBus>();
        var replies = await Inbox.OpenAsync(bus, new ConsumerOptions { Queue = queue + "-replies" }, token);

        await bus.SendAsync([new OutgoingMessage("", queue, """{"text":"abc"}"""u8.ToArray(), new MessageProperties
        {
            CorrelationId = "r:upper",
            ReplyTo = queue + "-replies",
            Headers = new Dictionary<string, string> { [Wire.TraceParentHeader] = $"00-{TraceId}-b7ad6b7169203331-01" },
        })], token);
        var reply = await replies.NextAsync();

        Assert.Equal("""{"text":"ABC"}""", Encoding.UTF8.GetString(reply.Body.Span));
        Assert.StartsWith($"00-{TraceId}-", reply.Properties.Headers[Wire.TraceParentHeader], StringComparison.Ordinal);
        Assert.DoesNotContain("b7ad6b7169203331", reply.Properties.Headers[Wire.TraceParentHeader], StringComparison.Ordinal);
        Assert.Contains(spans, span => span.DisplayName == $"process {queue}" && span.TraceId.ToString() == TraceId);
        Assert.Equal(1, Interlocked.Read(ref handled));
        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(token);
        Assert.Equal(HealthStatus.Healthy, health.Status);
        await host.StopAsync(token);
        Assert.False(bus.IsHealthy);
    }

    private static ActivityListener Listen(List<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Millrace.Messaging",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = span =>
            {
                lock (spans)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static MeterListener Count(string queue, Action<long> add)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "millrace.worker.handled")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags.Contains(new KeyValuePair<string, object?>("queue", queue)))
                add(value);
        });
        listener.Start();
        return listener;
    }

    private sealed record Post(string Text);

    private sealed class Upper : IStepHandler<Post, Post>
    {
        public Task<IReadOnlyList<StepResult<Post>>> HandleAsync(IReadOnlyList<Post> inputs, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<StepResult<Post>>>([.. inputs.Select(input => (StepResult<Post>)new Post(input.Text.ToUpperInvariant()))]);
    }
}

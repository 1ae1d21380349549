using System.Diagnostics;
using System.Text;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Publishes the posts of a run, as fast as they are confirmed or at fixed moments.</summary>
internal sealed class PostPublisher(IMessageBus bus, string workflow, string run, PipelineBenchmarkOptions options)
{
    private const int MessagesPerCall = 128;

    public int PostsPerMessage { get; } =
        options.PostsPerMessage > 0 ? options.PostsPerMessage : options.RatePerSecond > 0 ? 1 : Math.Max(1, options.Batch);

    /// <param name="started">The moment of the first post; each later one has its own, whatever the system does.</param>
    public async Task PublishAsync(long started, CancellationToken cancellationToken)
    {
        var first = 0;
        while (first < options.Requests)
        {
            var due = Due(first, started);
            if (due > TimeSpan.Zero)
                await Task.Delay(due, TimeProvider.System, cancellationToken);
            var messages = new List<OutgoingMessage>();
            while (first < options.Requests && messages.Count < MessagesPerCall && Due(first, started) <= TimeSpan.Zero)
            {
                var count = Math.Min(PostsPerMessage, options.Requests - first);
                messages.Add(new OutgoingMessage(Wire.IngestExchange, workflow, Write(first, count), MessageProperties.Empty));
                first += count;
            }
            var sending = SendAsync(messages, cancellationToken);
            if (options.RatePerSecond == 0)
                await sending;
        }
    }

    private async Task SendAsync(List<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var outcomes = await bus.SendAsync(messages, cancellationToken);
        if (outcomes.FirstOrDefault(outcome => outcome.Kind != SendOutcomeKind.Confirmed) is { Kind: not SendOutcomeKind.Confirmed } failed)
            throw new InvalidOperationException($"A post was not taken by the broker: {failed.Reason}");
    }

    private TimeSpan Due(int post, long started) => options.RatePerSecond == 0
        ? TimeSpan.Zero : TimeSpan.FromSeconds(post / options.RatePerSecond) - Stopwatch.GetElapsedTime(started);

    private byte[] Write(int first, int count)
    {
        var posts = Enumerable.Range(first, count).Select(post =>
            $$"""{"uri":"{{run}}-{{post}}","text":"A post of ordinary length, such as people write when they have something small to say to others."}""");
        return Encoding.UTF8.GetBytes(count == 1 ? posts.First() : $"[{string.Join(',', posts)}]");
    }
}

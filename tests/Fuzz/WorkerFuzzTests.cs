using FsCheck;
using Millrace.Contracts;

namespace Millrace.Fuzz.Tests;

/// <summary>Whatever is sent to the workers of the suite: each input has its answer, or the message is refused and told why.</summary>
public sealed class WorkerFuzzTests(ITestOutputHelper output)
{
    private static readonly AmqpCorpus Steps = new()
    {
        Bodies =
        [
            """{"uri":"at://did:plc:abc/app.bsky.feed.post/3k","text":"Hello, world. Is this one kept?","langs":["en"],"labels":[]}""",
            """{"record":{"text":"A post view","langs":["en"],"createdAt":"2026-01-01T00:00:00Z"},"author":{"handle":"a.b"},"cid":"x","uri":"at://2"}""",
            """{"commit":{"record":{"text":"A jetstream record","reply":{"parent":{} } } },"did":"did:plc:x","kind":"commit"}""",
            $$"""[{"correlationId":"{{Places.AtFirst}}:a","attempt":1,"input":{"text":"one"} },{"correlationId":"{{Places.AtSecond}}:a","attempt":2,"input":{"text":2} }]""",
            $$"""[{"correlationId":"{{Places.Item}}:one","input":null},{"correlationId":"x","input":{"text":"\u00e9","dimensions":3,"prompt":"none"} },{}]""",
            "", "{}",
        ],
        CorrelationIds = [$"{Places.AtFirst}:a", "free text", ""],
        ReplyTos = [WorkerRoom.AnswerQueue, WorkerRoom.AnswerQueue, WorkerRoom.AnswerQueue, "nobody", Wire.DeadLetterQueue, ""],
        Headers = new Dictionary<string, string[]>
        {
            [Wire.BatchHeader] = ["2", "3"],
            [Wire.AttemptHeader] = ["1", "2147483648"],
            [Wire.DeadlineHeader] = ["2999-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00"],
            [Wire.WorkflowHeader] = ["enrich-post"],
            [Wire.TraceParentHeader] = ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        },
    };

    private static readonly AmqpCorpus Cancellations = new()
    {
        Bodies =
        [
            $$"""[{"correlationId":"{{Places.AtFirst}}:a","attempt":1},{"correlationId":"{{Places.Item}}:one","attempt":2147483647}]""",
            """[{"correlationId":"x"},null,{}]""",
            "[]",
        ],
        CorrelationIds = ["question"],
    };

    [Fact]
    public Task Any_step_message_is_answered_or_refused_with_its_reason() => FuzzAsync("workers", "", 0.3, Steps);

    [Fact]
    public Task Any_cancellation_is_heard_or_left_and_no_worker_is_hurt() => FuzzAsync("cancellations", Wire.CancellationsExchange, 0.9, Cancellations);

    private async Task FuzzAsync(string door, string exchange, double leastTaken, AmqpCorpus corpus)
    {
        await using var room = await WorkerRoom.StartAsync();

        // Which of the workers: by the length, so that the same input always goes to the same one.
        await Task.Run(() => new Fuzzer(output).Run(
            door, 0.1, leastTaken, AmqpInput.Of(corpus),
            input => room.TryAsync(exchange, WorkerRoom.Queues[input.Body.Length % WorkerRoom.Queues.Length], input)));

        await room.CheckAsync();
    }
}

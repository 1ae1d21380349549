using FsCheck;
using Millrace.Contracts;

namespace Millrace.Fuzz.Tests;

/// <summary>Whatever a worker answers to requests that wait for it: the request goes on or fails, or the answer is refused and told why.</summary>
public sealed class ReplyFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Addresses = [$"{Places.AtFirst}:a", $"{Places.AtSecond}:b", $"{Places.Item}:one"];

    private static readonly AmqpCorpus Corpus = new()
    {
        Bodies =
        [
            """{"keep":true,"score":0.25,"labels":["a","b"],"nested":{"x":{"y":[]}}}""",
            $$"""[{"correlationId":"{{Addresses[0]}}","attempt":1,"output":{"a":1} },{"correlationId":"{{Addresses[1]}}","error":{"type":"bad","message":"no"} }]""",
            $$"""[{"correlationId":"{{Addresses[1]}}","retryAfterSeconds":0.25},{"correlationId":"{{Addresses[2]}}"}]""",
            $$"""[{"correlationId":"{{Addresses[0]}}","error":{"type":"busy","message":"later","transient":true} },{"correlationId":"{{Addresses[0]}}","output":{} }]""",
            "", "{}", "null",
        ],
        CorrelationIds = [.. Addresses, .. Addresses, $"{Places.AtFirst}:c", $"{Places.Item}:a", $"{Places.AtSecond}", "x:y", ""],
        Headers = new Dictionary<string, string[]>
        {
            [Wire.ErrorHeader] = ["""{"type":"busy","message":"later","transient":true}""", """{"type":"bad","message":"no"}""", "plain text"],
            [Wire.RetryAfterHeader] = ["0.25", "0", "1e9", "NaN"],
            [Wire.AttemptHeader] = ["1", "2147483648"],
            [Wire.BatchHeader] = ["2"],
        },
    };

    [Fact]
    public async Task Any_reply_is_taken_by_the_engine_or_refused_with_its_reason()
    {
        await using var door = new ManagerDoor(int.MaxValue);
        await door.EnterAsync();

        await Task.Run(() => new Fuzzer(output).Run(
            "replies", 0.1, 0.1, AmqpInput.Of(Corpus), async input => await (await door.EnterAsync()).TryLiveAsync(Wire.ReplyQueue, input)));
    }
}

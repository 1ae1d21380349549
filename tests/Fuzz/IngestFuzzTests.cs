using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Contracts;

namespace Millrace.Fuzz.Tests;

/// <summary>Whatever is published to <c>ingest</c>: it becomes requests whose steps are dispatched, or is refused and told why.</summary>
public sealed class IngestFuzzTests(ITestOutputHelper output)
{
    private const int InputsPerRoom = 4_000;

    private static readonly AmqpCorpus Corpus = new()
    {
        Bodies =
        [
            """{"uri":"at://did:plc:abc/app.bsky.feed.post/3k","text":"Hello","langs":["en"],"keep":true,"count":12,"nested":{"a":[1,2,{"b":null}]}}""",
            """[{"uri":"at://1","text":"one"},{"uri":2},{"uri":null},{}]""",
            """{"uri":"","text":"no key"}""",
            """{"uri":{"x":1},"text":"a key that is none"}""",
            "[]", "{}", " \n{\"uri\":\"\\u0041\"}\t",
            $$"""{"text":"{{new string('x', ManagerRoom.MaxPayloadBytes - 11)}}"}""",
            $"[{string.Join(',', Enumerable.Repeat("{}", ManagerRoom.MaxPostsPerMessage))}]",
        ],
        Headers = new Dictionary<string, string[]>
        {
            [Wire.RequestIdHeader] = ["7f1d2c3b-0000-4000-8000-000000000001", "7f1d2c3b-0000-5000-8000-000000000001", "{7F1D2C3B-0000-4000-8000-000000000001}", "mine"],
            [Wire.TraceParentHeader] = ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        },
    };

    private static readonly Gen<string> Workflows =
        from workflow in Gen.Elements("chain-0", "chain-1", "fan-0", "keyless")
        from isExact in Gen.Choose(0, 15)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select isExact > 0 ? workflow : Encoding.UTF8.GetString(Mutations.Mutate(workflow, new Random(seed)));

    [Fact]
    public async Task Any_bytes_are_a_request_or_a_refusal_with_its_reason()
    {
        await using var door = new ManagerDoor(InputsPerRoom);
        await door.EnterAsync();
        var messages = AmqpInput.Of(Corpus);

        await Task.Run(() => new Fuzzer(output).Run(
            "ingest", 0.1, 0.1,
            Arb.From(Workflows.Zip(messages.Generator), pair => messages.Shrinker(pair.Item2).Select(smaller => (pair.Item1, smaller))),
            async pair => await (await door.EnterAsync()).TryAsync(Wire.IngestExchange, pair.Item1, pair.Item2)));
    }
}

using Millrace.Contracts;

namespace Millrace.Fuzz.Tests;

/// <summary>Whatever a worker asks about what is still wanted: it is answered, or the question is refused and told why.</summary>
public sealed class WantedFuzzTests(ITestOutputHelper output)
{
    private static readonly AmqpCorpus Corpus = new()
    {
        Bodies =
        [
            $$"""[{"correlationId":"{{Places.AtFirst}}:a","attempt":1},{"correlationId":"{{Places.AtSecond}}:a","attempt":1},{"correlationId":"{{Places.Item}}:one","attempt":0}]""",
            $$"""[{"correlationId":"{{Places.AtFirst}}:nowhere","attempt":-1},{"correlationId":"not ours","attempt":1}]""",
            "[]",
        ],
        CorrelationIds = ["question"],
        ReplyTos = [ManagerRoom.AnswerQueue, ManagerRoom.AnswerQueue, "nobody", ""],
    };

    [Fact]
    public async Task Any_question_is_answered_or_refused_with_its_reason()
    {
        await using var door = new ManagerDoor(int.MaxValue);
        await door.EnterAsync();

        await Task.Run(() => new Fuzzer(output).Run(
            "questions", 0.1, 0.1, AmqpInput.Of(Corpus), async input => await (await door.EnterAsync()).TryLiveAsync(Wire.WantedQueue, input)));
    }
}

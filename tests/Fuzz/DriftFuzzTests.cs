using System.Runtime.InteropServices;
using System.Text;
using FsCheck;
using Microsoft.Extensions.Configuration;
using Millrace.Contracts;
using Millrace.DriftMonitor;
using Millrace.Messaging;

namespace Millrace.Fuzz.Tests;

/// <summary>Whatever stands in the result of a request: the drift monitor takes it, or refuses it and tells why.</summary>
public sealed class DriftFuzzTests(ITestOutputHelper output)
{
    private static readonly string Vector = Convert.ToBase64String(MemoryMarshal.AsBytes<float>(new float[] { 1, 2, 3 }));

    private static readonly AmqpCorpus Corpus = new()
    {
        Bodies =
        [
            $$"""{"id":"{{Places.AtFirst}}","key":"at://{{Places.AtSecond}}","result":{"embedding":"{{Vector}}","modelRevision":"abc","scores":{"TOXICITY":0.5,"INSULT":0.25} } }""",
            $$"""{"id":"{{Places.AtFirst}}","result":{"embedding":[0.5,-1,3e3],"scores":{"TOXICITY":null,"INSULT":[1]},"model_revision":"r/1"} }""",
            """{"id":"i","key":"","result":null}""",
            "{}",
        ],
    };

    [Fact]
    public async Task Any_result_is_taken_or_refused_with_its_reason()
    {
        await using var host = await BusHost.StartAsync(builder =>
        {
            // Windows that fill, so that tests are run and detectors saved.
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Drift:ReferencePosts"] = "50",
                ["Drift:WindowPosts"] = "50",
                ["Drift:TestEveryPosts"] = "25",
                ["Drift:FalseAlarmRate"] = "0.5",
            });
            builder.AddDriftMonitor();
        });
        var post = 0;

        await Task.Run(() => new Fuzzer(output).Run("drift", 0.1, 0.3, AmqpInput.Of(Corpus), input =>
        {
            var id = new Guid(++post, 0, 0, new byte[8]).ToString();
            return TryAsync(Places.Fill(input, id, id, id));
        }));

        Assert.True(await TryAsync(new AmqpInput(new RabbitMQ.Client.BasicProperties(), Encoding.UTF8.GetBytes(Corpus.Bodies[0]))));

        Task<bool> TryAsync(AmqpInput input) =>
            host.Bus.TryAsync(new OutgoingMessage(Wire.ResultsExchange, "enrich-post.completed", input.Body, input.Read()));
    }
}

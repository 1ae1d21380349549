using System.Text.Json.Nodes;
using Millrace.Contracts;

namespace Millrace.Messaging.Tests.Workers;

/// <summary>Replies that no message carries whole.</summary>
public sealed class StepWorkerSizeTests() : StepWorkerTest(new BusOptions { MaxBodyBytes = Limit })
{
    private const int Limit = 32 * 1024;

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    public async Task An_output_over_the_limit_is_a_final_error_that_says_so(string? batch)
    {
        await StartAsync(inputs => [.. inputs.Select(_ => Ok(new string('x', Limit)))]);
        await SendAsync(batch is null ? "{}" : """[{"correlationId":"r:echo","input":{}}]""", batch is null ? "r:echo" : null, batch: batch);

        var reply = await ReplyInbox.NextAsync();

        var error = batch is null ? JsonNode.Parse(reply.Properties.Headers[Wire.ErrorHeader])! : JsonNode.Parse(Text(reply))![0]!["error"]!;
        Assert.Equal("output_too_large", (string)error["type"]!);
        Assert.Contains($"{Limit + 11} bytes; a reply takes at most", (string)error["message"]!, StringComparison.Ordinal);
        Assert.NotEqual(true, (bool?)error["transient"]);
    }

    [Fact]
    public async Task Outputs_of_a_batch_that_are_too_large_together_travel_apart_and_only_what_is_too_large_alone_fails()
    {
        int[] sizes = [20_000, 10, Limit, 20_000, 20_000, 10, 10];
        await StartAsync(inputs => [.. inputs.Select(input => Ok(new string('x', int.Parse(input.Text!, System.Globalization.CultureInfo.InvariantCulture))))]);
        var items = sizes.Select((size, index) => $$"""{"correlationId":"{{index}}:echo","attempt":2,"input":{"text":"{{size}}"} }""");
        await SendAsync($"[{string.Join(',', items)}]", null, batch: "7");

        var got = new List<JsonNode>();
        while (got.Count < sizes.Length)
        {
            var reply = await ReplyInbox.NextAsync();
            var part = JsonNode.Parse(Text(reply))!.AsArray();
            Assert.Equal(reply.Properties.Headers[Wire.BatchHeader], $"{part.Count}");
            got.AddRange(part.Select(item => item!));
        }

        Assert.Equal(Enumerable.Range(0, sizes.Length).Select(index => ($"{index}:echo", 2)), got.Select(item => ((string)item["correlationId"]!, (int)item["attempt"]!)));
        Assert.Equal([20_000, 10, null, 20_000, 20_000, 10, 10], got.Select(item => ((string?)item["output"]?["text"])?.Length));
        Assert.Equal("output_too_large", (string)got[2]["error"]!["type"]!);
    }

    [Fact]
    public async Task Errors_of_any_length_fit_into_a_reply()
    {
        var tooLong = new string('\u0001', 70_000);
        await StartAsync(inputs => [.. inputs.Select(_ => (StepResult<Out>)new StepResult<Out>.Failed(new StepError(tooLong, tooLong)))]);
        await SendAsync("""[{"correlationId":"r:echo","input":{}}]""", null, batch: "1");

        var error = JsonNode.Parse(Text(await ReplyInbox.NextAsync()))![0]!["error"]!;

        Assert.Equal((100, 2_000), (((string)error["type"]!).Length, ((string)error["message"]!).Length));
    }

    [Fact]
    public async Task An_id_that_no_reply_could_carry_is_kept_and_the_other_items_are_answered()
    {
        await StartAsync(inputs => [.. inputs.Select(_ => Ok("done"))]);
        await SendAsync($$"""[{"correlationId":"{{new string('x', 30_000)}}" }, {"correlationId":"r:echo"}]""", null, batch: "2");

        Assert.Equal("r:echo", (string)JsonNode.Parse(Text(await ReplyInbox.NextAsync()))!.AsArray().Single()!["correlationId"]!);
        Assert.Contains("correlationId of 30000 characters", (await Letters.NextAsync()).Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }
}

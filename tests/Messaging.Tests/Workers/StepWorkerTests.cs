using System.Text.Json;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;

namespace Millrace.Messaging.Tests.Workers;

/// <summary>What comes back for what was sent.</summary>
public sealed class StepWorkerTests : StepWorkerTest
{
    [Fact]
    public async Task A_single_message_gets_one_reply_with_its_correlation_id()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync("""{"text":"grüß"}""", "r:echo", attempt: "2");
        var reply = await ReplyInbox.NextAsync();
        Assert.Equal("r:echo", reply.Properties.CorrelationId);
        Assert.Equal("""{"text":"grüß"}""", Text(reply));
        Assert.Equal(("2", Wire.JsonContentType), (reply.Properties.Headers[Wire.AttemptHeader], reply.Properties.ContentType));
    }

    [Fact]
    public async Task A_message_without_a_body_is_an_empty_object()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text ?? "nothing"))]);
        await SendAsync("", "r:echo");
        Assert.Equal("""{"text":"nothing"}""", Text(await ReplyInbox.NextAsync()));
    }

    [Fact]
    public async Task A_batch_is_one_call_and_one_reply_and_a_bad_item_fails_alone()
    {
        var calls = new List<int>();
        await StartAsync(inputs =>
        {
            calls.Add(inputs.Count);
            return [.. inputs.Select(input => input.Text switch
            {
                "slow" => new StepResult<Out>.Throttled(TimeSpan.FromSeconds(1.5)),
                "stopped" => new StepResult<Out>.Throttled(TimeSpan.FromSeconds(2), "API_KEY_INVALID: refused"),
                "bad" => StepResult<Out>.Reject("COMMENT_TOO_LONG", "too long"),
                _ => Ok(input.Text),
            })];
        });
        await SendAsync(
            """
            [{"correlationId":"1:echo","attempt":1,"input":{"text":"a"}},
             {"correlationId":"2:echo","attempt":1,"input":{"text":{"not":"a text"}}},
             {"input":{"text":"slow","more":[1,{"x":[]}]},"unknown":{"a":[1]},"correlationId":"3:echo"},
             {"correlationId":"4:echo","attempt":4,"input":{"text":"bad"}},
             {"correlationId":"5:echo","input":{"text":"stopped"}}]
            """, null, batch: "5");
        var reply = await ReplyInbox.NextAsync();
        Assert.Equal("5", reply.Properties.Headers[Wire.BatchHeader]);
        var items = JsonDocument.Parse(reply.Body).RootElement.EnumerateArray().Select(item => item.GetRawText()).ToArray();
        Assert.Equal("""{"correlationId":"1:echo","attempt":1,"output":{"text":"a"}}""", items[0]);
        Assert.Contains("\"type\":\"invalid_input\"", items[1], StringComparison.Ordinal);
        Assert.Equal("""{"correlationId":"3:echo","retryAfterSeconds":1.5}""", items[2]);
        Assert.Equal("""{"correlationId":"4:echo","attempt":4,"error":{"type":"COMMENT_TOO_LONG","message":"too long","transient":false}}""", items[3]);
        Assert.Equal("""{"correlationId":"5:echo","retryAfterSeconds":2,"retryReason":"API_KEY_INVALID: refused"}""", items[4]);
        Assert.Equal([4], calls);
    }

    [Fact]
    public async Task An_item_too_deep_fails_alone_and_one_that_belongs_to_nobody_is_kept_beside_the_replies_to_the_others()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync(
            $$$"""
            [{"correlationId":"1:echo","input":{"more":{{{Nested(63)}}},"text":"a"}},
             {"correlationId":"2:echo","input":{"more":{{{Nested(64)}}},"text":"b"}},
             {"input":{"text":"c"}},
             {"correlationId":"4:echo","input":{"text":"d"}}]
            """, null, batch: "4");
        var items = JsonDocument.Parse((await ReplyInbox.NextAsync()).Body).RootElement.EnumerateArray().Select(item => item.GetRawText()).ToArray();
        Assert.Equal("""{"correlationId":"1:echo","output":{"text":"a"}}""", items[0]);
        Assert.Contains("invalid_input", items[1], StringComparison.Ordinal);
        Assert.Equal("""{"correlationId":"4:echo","output":{"text":"d"}}""", items[2]);
        Assert.Contains("no correlationId", (await Letters.NextAsync()).Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_throws_gives_a_transient_error()
    {
        await StartAsync(_ => throw new HttpRequestException("the upstream is away"));
        await SendAsync("""{"text":"x"}""", "r:echo");
        var reply = await ReplyInbox.NextAsync();
        Assert.Equal(0, reply.Body.Length);
        var error = JsonSerializer.Deserialize<StepError>(reply.Properties.Headers[Wire.ErrorHeader], MillraceJson.Options);
        Assert.Equal(new StepError("HttpRequestException", "the upstream is away", Transient: true), error);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("API_KEY_INVALID: refused")]
    public async Task A_throttled_single_message_says_so_in_its_headers(string? reason)
    {
        await StartAsync(inputs => [.. inputs.Select(_ => new StepResult<Out>.Throttled(TimeSpan.FromSeconds(30), reason))]);
        await SendAsync("""{"text":"x"}""", "r:echo");
        var headers = (await ReplyInbox.NextAsync()).Properties.Headers;
        Assert.Equal(("30", reason), (headers[Wire.RetryAfterHeader], headers.GetValueOrDefault(Wire.RetryReasonHeader)));
    }

    [Fact]
    public async Task Too_few_results_fail_every_item()
    {
        await StartAsync(_ => []);
        await SendAsync("""{"text":"x"}""", "r:echo");
        Assert.Contains("result_count", (await ReplyInbox.NextAsync()).Properties.Headers[Wire.ErrorHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_that_is_no_JSON_is_an_error_of_that_step()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync("""{"text":""", "r:echo");
        Assert.Contains("invalid_input", (await ReplyInbox.NextAsync()).Properties.Headers[Wire.ErrorHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_that_is_not_UTF_8_is_an_error_of_that_step_wherever_the_bad_byte_stands()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        byte[] body = [.. """{"text":"a","more":"""u8, (byte)'"', 0xFF, (byte)'"', (byte)'}'];
        await Bus.SendAsync(
            [new OutgoingMessage("", Step, body, new MessageProperties { CorrelationId = "r:echo", ReplyTo = Replies })], TestContext.Current.CancellationToken);
        Assert.Contains("not UTF-8", (await ReplyInbox.NextAsync()).Properties.Headers[Wire.ErrorHeader], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "must be a JSON array")]
    [InlineData("[", "not JSON")]
    [InlineData("[]", "an empty batch")]
    [InlineData("[1]", "not an object")]
    [InlineData("[{\"input\":{}}]", "no correlationId")]
    [InlineData("[{\"correlationId\":\"a\",\"input\":{}}] x", "not JSON")]
    public async Task A_batch_that_cannot_be_read_is_dead_lettered_with_the_reason(string body, string reason)
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync(body, null, batch: "1");
        var letter = await Letters.NextAsync();
        Assert.Equal(body, Text(letter));
        Assert.Contains(reason, letter.Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_asks_for_no_reply_is_dead_lettered_when_it_fails()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync("[[[", null, replyTo: "");
        var letter = await Letters.NextAsync();
        Assert.Equal("[[[", Text(letter));
        Assert.Contains("the input cannot be read", letter.Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_handler_logs_names_the_request_workflow_step_and_attempt()
    {
        var scopes = new ScopeLogs();
        await StartAsync(_ => throw new HttpRequestException("the upstream is away"), logs: scopes);
        await SendAsync("""{"text":"x"}""", "1b4e28ba-2fa1-11d2-883f-0016d3cca427:echo", attempt: "2", workflow: "enrich");
        await ReplyInbox.NextAsync();
        Assert.Equal(
            [("Attempt", "2"), ("Queue", Step), ("RequestId", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"), ("Step", "echo"), ("Workflow", "enrich")],
            scopes.Seen.Select(pair => (pair.Key, pair.Value.ToString()!)).OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging.Tests.Conformance;
using Millrace.Messaging.Workers;

namespace Millrace.Messaging.Tests.Workers;

public sealed class StepWorkerTests : IAsyncLifetime
{
    private const string Replies = "replies";
    private const string Step = "echo";

    private readonly List<IHost> _hosts = [];
    private readonly IMessageBus _bus = BusFactory.Create("memory:");
    private Inbox _replies = null!;
    private Inbox _letters = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _bus.StartAsync(Token);
        await _bus.DeclareQueueAsync(Step, Token);
        _replies = await Inbox.OpenAsync(_bus, new ConsumerOptions { Queue = Replies }, Token);
        _letters = await Inbox.OpenAsync(_bus, new ConsumerOptions { Queue = Wire.DeadLetterQueue }, Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }
        await _bus.DisposeAsync();
    }

    [Fact]
    public async Task A_single_message_gets_one_reply_with_its_correlation_id()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync("""{"text":"grüß"}""", "r:echo", attempt: "2");
        var reply = await _replies.NextAsync();
        Assert.Equal("r:echo", reply.Properties.CorrelationId);
        Assert.Equal("""{"text":"grüß"}""", Text(reply));
        Assert.Equal(("2", Wire.JsonContentType), (reply.Properties.Headers[Wire.AttemptHeader], reply.Properties.ContentType));
    }

    [Fact]
    public async Task A_message_without_a_body_is_an_empty_object()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text ?? "nothing"))]);
        await SendAsync("", "r:echo");
        Assert.Equal("""{"text":"nothing"}""", Text(await _replies.NextAsync()));
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
                "bad" => StepResult<Out>.Reject("COMMENT_TOO_LONG", "too long"),
                _ => Ok(input.Text),
            })];
        });
        await SendAsync(
            """
            [{"correlationId":"1:echo","attempt":1,"input":{"text":"a"}},
             {"correlationId":"2:echo","attempt":1,"input":{"text":{"not":"a text"}}},
             {"input":{"text":"slow","more":[1,{"x":[]}]},"unknown":{"a":[1]},"correlationId":"3:echo"},
             {"correlationId":"4:echo","attempt":4,"input":{"text":"bad"}}]
            """, null, batch: "4");
        var reply = await _replies.NextAsync();
        Assert.Equal("4", reply.Properties.Headers[Wire.BatchHeader]);
        var items = JsonDocument.Parse(reply.Body).RootElement.EnumerateArray().Select(item => item.GetRawText()).ToArray();
        Assert.Equal("""{"correlationId":"1:echo","attempt":1,"output":{"text":"a"}}""", items[0]);
        Assert.Contains("\"type\":\"invalid_input\"", items[1], StringComparison.Ordinal);
        Assert.Equal("""{"correlationId":"3:echo","retryAfterSeconds":1.5}""", items[2]);
        Assert.Equal("""{"correlationId":"4:echo","attempt":4,"error":{"type":"COMMENT_TOO_LONG","message":"too long","transient":false}}""", items[3]);
        Assert.Equal([3], calls);
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
        var items = JsonDocument.Parse((await _replies.NextAsync()).Body).RootElement.EnumerateArray().Select(item => item.GetRawText()).ToArray();
        Assert.Equal("""{"correlationId":"1:echo","output":{"text":"a"}}""", items[0]);
        Assert.Contains("invalid_input", items[1], StringComparison.Ordinal);
        Assert.Equal("""{"correlationId":"4:echo","output":{"text":"d"}}""", items[2]);
        Assert.Contains("no correlationId", (await _letters.NextAsync()).Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Single_messages_that_wait_together_are_one_call()
    {
        var (first, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var sizes = new List<int>();
        await StartAsync(async (inputs, _) =>
        {
            sizes.Add(inputs.Count);
            first.TrySetResult();
            await release.Task;
            return [.. inputs.Select(input => Ok(input.Text))];
        }, options => options.MaxBatchItems = 8);
        await SendAsync("""{"text":"0"}""", "0:echo");
        await first.Task;
        for (var number = 1; number <= 12; number++)
            await SendAsync($$"""{"text":"{{number}}"}""", $"{number}:echo");
        await EventuallyAsync(async () => (await _bus.InspectAsync(Step, Token))!.Messages == 0);
        release.SetResult();
        for (var number = 0; number <= 12; number++)
            Assert.Equal($"{number}:echo", (await _replies.NextAsync()).Properties.CorrelationId);
        Assert.Equal([1, 8, 4], sizes);
    }

    [Fact]
    public async Task Messages_that_are_not_gathered_never_share_a_call_and_a_batch_is_still_handled_in_parts()
    {
        var (first, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var sizes = new List<int>();
        await StartAsync(async (inputs, _) =>
        {
            sizes.Add(inputs.Count);
            first.TrySetResult();
            await release.Task;
            return [.. inputs.Select(input => Ok(input.Text))];
        }, options => (options.GathersMessages, options.MaxBatchItems, options.Prefetch) = (false, 3, 5));
        await SendAsync("""{"text":"0"}""", "0:echo");
        await first.Task;
        for (var number = 1; number <= 3; number++)
            await SendAsync($$"""{"text":"{{number}}"}""", $"{number}:echo");
        var items = Enumerable.Range(0, 5).Select(number => $$$"""{"correlationId":"{{{number}}}:echo","attempt":1,"input":{"text":"b"}}""");
        await SendAsync($"[{string.Join(',', items)}]", null, batch: "5");
        await EventuallyAsync(async () => (await _bus.InspectAsync(Step, Token))!.Messages == 0);
        release.SetResult();
        for (var number = 0; number <= 3; number++)
            Assert.Equal($"{number}:echo", (await _replies.NextAsync()).Properties.CorrelationId);
        Assert.Equal(5, JsonDocument.Parse((await _replies.NextAsync()).Body).RootElement.GetArrayLength());
        Assert.Equal([1, 1, 1, 1, 3, 2], sizes);
    }

    [Fact]
    public async Task A_batch_over_the_limit_is_handled_in_parts()
    {
        var sizes = new List<int>();
        await StartAsync(inputs =>
        {
            sizes.Add(inputs.Count);
            return [.. inputs.Select(input => Ok(input.Text))];
        }, options => options.MaxBatchItems = 4);
        var items = Enumerable.Range(0, 10).Select(number => $$$"""{"correlationId":"{{{number}}}:echo","attempt":1,"input":{"text":"{{{number}}}"}}""");
        await SendAsync($"[{string.Join(',', items)}]", null, batch: "10");
        Assert.Equal(10, JsonDocument.Parse((await _replies.NextAsync()).Body).RootElement.GetArrayLength());
        Assert.Equal([4, 4, 2], sizes);
    }

    [Fact]
    public async Task A_handler_that_throws_gives_a_transient_error()
    {
        await StartAsync(_ => throw new HttpRequestException("the upstream is away"));
        await SendAsync("""{"text":"x"}""", "r:echo");
        var reply = await _replies.NextAsync();
        Assert.Equal(0, reply.Body.Length);
        var error = JsonSerializer.Deserialize<StepError>(reply.Properties.Headers[Wire.ErrorHeader], MillraceJson.Options);
        Assert.Equal(new StepError("HttpRequestException", "the upstream is away", Transient: true), error);
    }

    [Fact]
    public async Task A_throttled_single_message_says_so_in_its_header()
    {
        await StartAsync(inputs => [.. inputs.Select(_ => new StepResult<Out>.Throttled(TimeSpan.FromSeconds(30)))]);
        await SendAsync("""{"text":"x"}""", "r:echo");
        Assert.Equal("30", (await _replies.NextAsync()).Properties.Headers[Wire.RetryAfterHeader]);
    }

    [Fact]
    public async Task Too_few_results_fail_every_item()
    {
        await StartAsync(_ => []);
        await SendAsync("""{"text":"x"}""", "r:echo");
        Assert.Contains("result_count", (await _replies.NextAsync()).Properties.Headers[Wire.ErrorHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_that_is_no_JSON_is_an_error_of_that_step()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync("""{"text":""", "r:echo");
        Assert.Contains("invalid_input", (await _replies.NextAsync()).Properties.Headers[Wire.ErrorHeader], StringComparison.Ordinal);
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
        var letter = await _letters.NextAsync();
        Assert.Equal(body, Text(letter));
        Assert.Contains(reason, letter.Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_asks_for_no_reply_is_dead_lettered_when_it_fails()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync("[[[", null, replyTo: "");
        var letter = await _letters.NextAsync();
        Assert.Equal("[[[", Text(letter));
        Assert.Contains("the input cannot be read", letter.Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_whose_deadline_has_passed_is_not_handled()
    {
        var handled = false;
        await StartAsync(_ =>
        {
            handled = true;
            return [];
        });
        await SendAsync("""{"text":"x"}""", "r:echo", deadline: TimeProvider.System.GetUtcNow().AddSeconds(-1));
        Assert.Contains("expired", (await _replies.NextAsync()).Properties.Headers[Wire.ErrorHeader], StringComparison.Ordinal);
        Assert.False(handled);
    }

    [Fact]
    public async Task A_handler_is_cancelled_at_the_deadline()
    {
        await StartAsync(async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return [];
        });
        await SendAsync("""{"text":"x"}""", "r:echo", deadline: TimeProvider.System.GetUtcNow().AddSeconds(1.5));
        Assert.Contains("while the handler ran", (await _replies.NextAsync()).Properties.Headers[Wire.ErrorHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_handler_logs_names_the_request_workflow_step_and_attempt()
    {
        var scopes = new ScopeLogs();
        await StartAsync(_ => throw new HttpRequestException("the upstream is away"), logs: scopes);
        await SendAsync("""{"text":"x"}""", "1b4e28ba-2fa1-11d2-883f-0016d3cca427:echo", attempt: "2", workflow: "enrich");
        await _replies.NextAsync();
        Assert.Equal(
            [("Attempt", "2"), ("Queue", Step), ("RequestId", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"), ("Step", "echo"), ("Workflow", "enrich")],
            scopes.Seen.Select(pair => (pair.Key, pair.Value.ToString()!)).OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_reply_that_nobody_takes_is_kept_as_a_dead_letter()
    {
        await StartAsync(inputs => [.. inputs.Select(input => Ok(input.Text))]);
        await SendAsync("""{"text":"x"}""", "r:echo", replyTo: "gone");
        var letter = await _letters.NextAsync();
        Assert.Equal("""{"text":"x"}""", Text(letter));
        Assert.Contains("gone", letter.Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_finishes_and_replies_to_what_was_taken()
    {
        var (started, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var host = await StartAsync(async (inputs, _) =>
        {
            started.TrySetResult();
            await release.Task;
            return [.. inputs.Select(input => Ok(input.Text))];
        });
        await SendAsync("""{"text":"last"}""", "r:echo");
        await started.Task;
        var stopping = host.StopAsync(Token);
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        await stopping;
        Assert.Equal("""{"text":"last"}""", Text(await _replies.NextAsync()));
        Assert.Equal(0, (await _bus.InspectAsync(Step, Token))!.Messages);
    }

    [Fact]
    public async Task A_handler_that_does_not_end_gives_its_messages_back()
    {
        var started = new TaskCompletionSource();
        var host = await StartAsync(async (_, cancellation) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return [];
        }, options => options.DrainLimitSeconds = 0.1);
        await SendAsync("""{"text":"again"}""", "r:echo");
        await started.Task;
        await host.StopAsync(Token);
        await EventuallyAsync(async () => (await _bus.InspectAsync(Step, Token))!.Messages == 1);
    }

    [Fact]
    public void Bad_options_are_refused_at_once()
    {
        var services = new ServiceCollection();
        var error = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(
            () => services.AddStepHandler<Handler, In, Out>(Step, options => (options.MaxBatchItems, options.MaxConcurrentCalls) = (0, 5000)));
        Assert.Equal(2, error.Failures.Count());
    }

    [Fact]
    public async Task Options_that_are_asked_for_at_the_start_see_what_started_before_and_are_checked()
    {
        var started = new Earlier();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(_bus);
        builder.Services.AddSingleton(new Handler((_, _) => throw new InvalidOperationException()));
        builder.Services.AddHostedService(_ => started);
        builder.Services.AddStepHandler<Handler, In, Out>(Step, (_, options) => options.MaxConcurrentCalls = started.Calls);
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains(nameof(StepWorkerOptions.MaxConcurrentCalls), Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    private static StepResult<Out> Ok(string? text) => new Out(text ?? "");

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static string Text(IncomingMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(20), Token);
    }

    private Task<IHost> StartAsync(
        Func<IReadOnlyList<In>, IReadOnlyList<StepResult<Out>>> handle, Action<StepWorkerOptions>? configure = null, ScopeLogs? logs = null) =>
        StartAsync((inputs, _) => Task.FromResult(handle(inputs)), configure, logs);

    private async Task<IHost> StartAsync(
        Func<IReadOnlyList<In>, CancellationToken, Task<IReadOnlyList<StepResult<Out>>>> handle, Action<StepWorkerOptions>? configure = null,
        ScopeLogs? logs = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (logs is not null)
            builder.Logging.AddProvider(logs);
        builder.Services.AddSingleton(_bus);
        builder.Services.AddSingleton(new Handler(handle));
        builder.Services.AddStepHandler<Handler, In, Out>(Step, configure);
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(Token);
        return host;
    }

    private async Task SendAsync(
        string body, string? correlationId, string? attempt = null, string? batch = null, DateTimeOffset? deadline = null,
        string replyTo = Replies, string? workflow = null)
    {
        var headers = new Dictionary<string, string>();
        if (attempt is not null)
            headers[Wire.AttemptHeader] = attempt;
        if (workflow is not null)
            headers[Wire.WorkflowHeader] = workflow;
        if (batch is not null)
            headers[Wire.BatchHeader] = batch;
        if (deadline is { } moment)
            headers[Wire.DeadlineHeader] = moment.ToString("O", CultureInfo.InvariantCulture);
        var properties = new MessageProperties { CorrelationId = correlationId, ReplyTo = replyTo, Headers = headers };
        var outcomes = await _bus.SendAsync([new OutgoingMessage("", Step, Encoding.UTF8.GetBytes(body), properties)], Token);
        Assert.Equal(SendOutcome.Confirmed, outcomes[0]);
    }

    private sealed record In(string? Text);

    private sealed record Out(string Text);

    private sealed class Handler(Func<IReadOnlyList<In>, CancellationToken, Task<IReadOnlyList<StepResult<Out>>>> handle) : IStepHandler<In, Out>
    {
        public Task<IReadOnlyList<StepResult<Out>>> HandleAsync(IReadOnlyList<In> inputs, CancellationToken cancellationToken) =>
            handle(inputs, cancellationToken);
    }

    /// <summary>A service that knows at its start what the worker needs.</summary>
    private sealed class Earlier : IHostedService
    {
        public int Calls { get; private set; } = 1;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Calls = 5_000;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

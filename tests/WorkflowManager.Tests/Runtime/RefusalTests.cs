using System.Text;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>What can't be understood is kept whole with its reason, and stops nothing else.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("chain", "{", "bad-json")]
    [InlineData("chain", "[[]]", "bad-shape")]
    [InlineData("nothing", "{}", "workflow-not-found")]
    public async Task A_refused_post_is_dead_lettered_and_the_next_one_goes_on(string workflow, string body, string code)
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(
            new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a")], UnknownWorkflowSeconds = 0 });
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await place.Bus.SendAsync([new OutgoingMessage(Wire.IngestExchange, workflow, Encoding.UTF8.GetBytes(body), MessageProperties.Empty)], manager.Token);
        Assert.StartsWith(code, await place.NextDeadLetterAsync(manager.Token));
        var ids = await place.PublishAsync("chain", 1);
        Assert.Equal("completed", (await manager.FinishAsync(ids[0])).Status);
    }

    [Theory]
    [InlineData("nonsense", "{}", "is not request-id:step")]
    [InlineData("6f1a3c1e-6d1f-5b55-9c0a-8a7a0e3f2b61:a", "{}", "there is no request")]
    public async Task A_reply_that_belongs_to_nothing_is_dead_lettered(string correlationId, string body, string reason)
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        await ReplyAsync(place, correlationId, body);
        Assert.Contains(reason, await place.NextDeadLetterAsync(manager.Token));
    }

    [Fact]
    public async Task A_reply_that_is_no_object_fails_its_step_and_is_kept()
    {
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a");
        chain = chain with { Steps = [chain.Steps[0] with { Retry = new Engine.Workflows.RetryRule { Attempts = 1 } }] };
        await using var manager = await place.ManageAsync(chain);
        var id = (await place.PublishAsync("chain", 1))[0];
        await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        await ReplyAsync(place, $"{id}:a", "\"text\"");
        var view = await manager.FinishAsync(id);
        Assert.Equal(("failed", "bad-reply"), (view.Status, view.Steps[0].Error!.Type));
        Assert.Contains("not an object", await place.NextDeadLetterAsync(manager.Token));
    }

    [Fact]
    public async Task A_bad_item_of_a_batched_reply_fails_its_step_and_no_other()
    {
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a");
        chain = chain with { Steps = [chain.Steps[0] with { Batch = 8, Retry = new Engine.Workflows.RetryRule { Attempts = 1 } }] };
        await using var manager = await place.ManageAsync(chain);
        var ids = await place.PublishAsync("chain", 2);
        foreach (var id in ids)
            await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        var body = $$"""[{"output":{} },{"correlationId":"{{ids[0]}}:a","output":[]},{"correlationId":"{{ids[1]}}:a","output":{} }]""";
        await place.Bus.SendAsync([new OutgoingMessage("", Wire.ReplyQueue, Encoding.UTF8.GetBytes(body), MessageProperties.Empty)], manager.Token);

        Assert.Equal("bad-reply", (await manager.FinishAsync(ids[0])).Steps[0].Error!.Type);
        Assert.Equal("completed", (await manager.FinishAsync(ids[1])).Status);
        Assert.Contains("item 0", await place.NextDeadLetterAsync(manager.Token));
    }

    [Fact]
    public async Task An_array_for_one_step_fails_it_and_is_kept()
    {
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a");
        chain = chain with { Steps = [chain.Steps[0] with { Retry = new Engine.Workflows.RetryRule { Attempts = 1 } }] };
        await using var manager = await place.ManageAsync(chain);
        var id = (await place.PublishAsync("chain", 1))[0];
        await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        await ReplyAsync(place, $"{id}:a", """[{"label":"cat"}]""");
        Assert.Equal("bad-reply", (await manager.FinishAsync(id)).Steps[0].Error!.Type);
        Assert.Contains("Array, not an object", await place.NextDeadLetterAsync(manager.Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public async Task A_post_as_deep_as_posts_may_be_goes_the_whole_road_alone_or_in_an_array(int batch)
    {
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a");
        await using var manager = await place.ManageAsync(chain with { Steps = [chain.Steps[0] with { Batch = batch }] });
        await using var worker = await HostedWorker.StartAsync(place.Bus, "a");
        var deep = new string('[', MillraceJson.MaxDepth - 1) + new string(']', MillraceJson.MaxDepth - 1);
        var body = $$"""[{"uri":"x","deep":{{deep}}}]""";
        await place.Bus.SendAsync([new OutgoingMessage(Wire.IngestExchange, "chain", Encoding.UTF8.GetBytes(body), MessageProperties.Empty)], manager.Token);
        Assert.Equal("completed", (await manager.FinishAsync(RequestIds.ForKey("chain", "x"))).Status);
    }

    [Fact]
    public async Task An_output_too_large_for_a_message_fails_the_next_step_and_the_result_travels_without_it()
    {
        await using var place = await Workplace.OpenAsync();
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a", "b")], MaxMessageBytes = 10_000 };
        await using var manager = await place.ManageAsync(options);
        var published = new TaskCompletionSource<int>();
        await using var results = await place.Bus.ConsumeAsync(
            new ConsumerOptions { Queue = "results-listener", Bindings = [(Wire.ResultsExchange, "#")] }, (message, _) =>
            {
                published.TrySetResult(message.Body.Length);
                return Task.CompletedTask;
            }, manager.Token);
        await using var worker = await PlainWorker.StartAsync(
            place.Bus, "a", _ => new System.Text.Json.Nodes.JsonObject { ["text"] = new string('x', 20_000) });
        var view = await manager.FinishAsync((await place.PublishAsync("chain", 1))[0]);
        Assert.Equal(("failed", "input_too_large"), (view.Status, view.Steps[1].Error!.Type));
        Assert.True(await published.Task.WaitAsync(manager.Token) < 10_000);
    }

    private static Task ReplyAsync(Workplace place, string correlationId, string body) => place.Bus.SendAsync(
        [new OutgoingMessage("", Wire.ReplyQueue, Encoding.UTF8.GetBytes(body), new MessageProperties { CorrelationId = correlationId })],
        CancellationToken.None);
}

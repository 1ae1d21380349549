using System.Text.Json.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Tests.Runtime.Dispatch;

/// <summary>What can't be done keeps nobody else's work from being done, and is done once it can be.</summary>
public sealed class BadEffectTests
{
    [Fact]
    public async Task Messages_for_a_queue_that_cannot_be_made_wait_and_those_for_others_are_sent_once()
    {
        await using var place = await Workplace.OpenAsync();
        var failpoints = new Failpoints(Fault.None, 0, seed: 0) { Forbidden = "closed", IsArmed = false };
        var options = new WorkflowManagerOptions { Workflows = [Beside("open", "closed")], ResendDelayMs = 20 };
        await using var manager = await place.ManageAsync(options, failpoints);
        failpoints.IsArmed = true;
        await using var open = await PlainWorker.StartAsync(place.Bus, "open", input => input);

        var ids = await place.PublishAsync("beside", 20);
        foreach (var id in ids)
            await manager.UntilAsync(id, view => view.Steps[0].Status == "completed");
        await manager.UntilAsync(ids[0], view => view.Why?.Code == "unroutable");
        Assert.Equal(20, open.Calls);

        failpoints.IsArmed = false;
        await using var closed = await PlainWorker.StartAsync(place.Bus, "closed", input => input);
        foreach (var id in ids)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        Assert.Equal((20, 20), (open.Calls, closed.Calls));
    }

    [Fact]
    public async Task Of_effects_one_of_which_fails_whenever_it_is_tried_the_others_are_done()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.FanOut("fan", "items", "work"));
        await using var work = await PlainWorker.StartAsync(place.Bus, "work", input => input);
        // Somebody has the id of the second item of the first post.
        var bad = RequestIds.ForKey("fan", "0");
        var other = TestWorkflows.Chain("chain", "a");
        var stolen = new RequestBirth(other, RequestIds.ForChild(bad, "all", 1), null, "{}"u8.ToArray(), null, null);
        await manager.DoAsync(Works.Accept(stolen));

        await place.Bus.PublishAsync("fan", new JsonArray([.. Enumerable.Range(0, 5).Select(post => JsonNode.Parse($$"""{"uri":"{{post}}","items":[1,2]}"""))]));

        foreach (var post in Enumerable.Range(1, 4))
            Assert.Equal("completed", (await manager.FinishAsync(RequestIds.ForKey("fan", $"{post}"))).Status);
        Assert.Equal("running", (await manager.FindAsync(bad))!.Status);
        await UntilAsync(manager, () => manager.Get<EffectRetry>().Count == 1);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(1)]
    public async Task A_saved_request_that_cannot_be_read_keeps_its_own_effects_and_those_saved_with_it_are_carried_out(byte state)
    {
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a");
        var good = SavedRequests.Begin(place, chain, Guid.NewGuid());
        var bad = SavedRequests.Begin(place, chain, Guid.NewGuid()).Garble(state);
        await place.Store.Requests.CommitAsync(
            [bad, good], [], "first", TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var options = new WorkflowManagerOptions { Name = "first", Workflows = [chain], ResendDelayMs = 20, ResendAtStart = true };
        await using (var manager = await place.ManageAsync(options))
        {
            Assert.Equal("completed", (await manager.FinishAsync(good.Record.Id)).Status);
            await UntilAsync(manager, () => manager.Get<SentTickets>().OpenCount == 1);
            await Assert.ThrowsAsync<InvalidDataException>(() => manager.DoAsync(Works.Cancel(bad.Record.Id, "me")));
            Assert.Equal(HealthStatus.Healthy, (await manager.Get<ManagerHealth>().CheckHealthAsync(new HealthCheckContext(), manager.Token)).Status);
        }
        // Not forgotten: a later build may read it.
        Assert.NotEmpty(await place.Store.Requests.ClaimUnsentAsync(
            "first", TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow(), includeOwn: true, 10, TestContext.Current.CancellationToken));
    }

    private static WorkflowDefinition Beside(string left, string right) => new()
    {
        Name = "beside",
        Hash = TestWorkflows.Hash($"beside {left} {right}"),
        Key = "uri",
        Steps = [new StepDefinition { Name = left }, new StepDefinition { Name = right }],
    };

    private static async Task UntilAsync(TestManager manager, Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
    }
}

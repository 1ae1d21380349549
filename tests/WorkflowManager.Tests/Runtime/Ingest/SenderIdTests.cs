using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Tests.Runtime.Ingest;

/// <summary>Ids that senders give their posts.</summary>
public sealed class SenderIdTests
{
    [Fact]
    public async Task The_id_that_a_sender_gave_is_the_requests_and_a_post_for_another_workflow_under_it_is_a_request_of_its_own()
    {
        await using var place = await Workplace.OpenAsync();
        var keyless = TestWorkflows.Chain("one", "a") with { Key = null };
        await using var manager = await place.ManageAsync(keyless, TestWorkflows.Chain("two", "b") with { Key = null });
        await using var a = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await using var b = await PlainWorker.StartAsync(place.Bus, "b", input => input);
        var id = Guid.NewGuid();

        await place.Bus.PublishAsync("one", new JsonObject { ["n"] = 1 }, id.ToString());
        Assert.Equal(("completed", "one"), ((await manager.FinishAsync(id)).Status, (await manager.FindAsync(id))!.Workflow));
        // Twice, as if the first had not been acknowledged.
        await place.Bus.PublishAsync("two", new JsonObject { ["n"] = 1 }, id.ToString());
        await place.Bus.PublishAsync("two", new JsonObject { ["n"] = 1 }, id.ToString());
        await place.Bus.PublishAsync("two", new JsonObject { ["n"] = 2 }, Guid.NewGuid().ToString());

        while (b.Calls < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
        var requests = (await place.Store.Requests.ListAsync(new RequestQuery { Workflow = "two" }, manager.Token)).Items;
        Assert.Equal(2, requests.Count);
        Assert.Equal("""{"n":1}""", (await manager.FindAsync(id))!.Input.Text());
        Assert.DoesNotContain(await manager.TimelineAsync(id), happened => happened.Kind == "conflict");
    }

    [Fact]
    public async Task A_sender_that_gives_the_id_of_an_item_of_a_task_takes_it_from_nobody()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.FanOut("fan", "items", "work"), TestWorkflows.Chain("chain", "a") with { Key = null });
        await using var a = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var parent = RequestIds.ForKey("fan", "x");
        var child = RequestIds.ForChild(parent, "all", 0);

        await place.Bus.PublishAsync("chain", new JsonObject { ["n"] = 1 }, child.ToString());
        await place.Bus.PublishAsync("fan", JsonNode.Parse("""{"uri":"x","items":[7]}""")!);
        await using var work = await PlainWorker.StartAsync(place.Bus, "work", input => new JsonObject { ["item"] = (int)input["item"]! });

        Assert.Equal("""{"items":[7],"uri":"x"}""", (await manager.FinishAsync(parent)).Result.Text());
        Assert.Equal("fan", (await manager.FindAsync(child))!.Workflow);
        while (a.Calls == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
    }
}

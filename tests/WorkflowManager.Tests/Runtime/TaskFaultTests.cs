using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>Tasks in tasks: what breaks, what users put into their lists, and what is left behind.</summary>
public sealed class TaskFaultTests
{
    private static readonly WorkflowDefinition Nested = new()
    {
        Name = "nested",
        Hash = TestWorkflows.Hash("nested"),
        Key = "uri",
        Steps = [new StepDefinition { Name = "rows", Task = "row" }, new StepDefinition { Name = "after", Depends = ["rows"] }],
        Tasks =
        [
            new TaskDefinition
            {
                Name = "row", ItemListKey = "rows", MaxParallel = 3,
                Steps =
                [
                    new StepDefinition { Name = "open" },
                    new StepDefinition { Name = "cells", Task = "cell", Depends = ["open"] },
                    new StepDefinition { Name = "sum", Depends = ["cells"] },
                ],
            },
            new TaskDefinition { Name = "cell", ItemListKey = "cells", MaxParallel = 2, Steps = [new StepDefinition { Name = "work" }] },
        ],
    };

    [Theory]
    [InlineData("None")]
    [InlineData("CommitFails")]
    [InlineData("CommitIsAmbiguous")]
    [InlineData("SendIsLost")]
    [InlineData("SendIsAmbiguous")]
    [InlineData("AckIsLost")]
    public async Task Every_child_has_all_of_its_parents_data_and_every_parent_ends_once_whatever_breaks(string fault)
    {
        await using var place = await Workplace.OpenAsync();
        var failpoints = new Failpoints(Enum.Parse<Fault>(fault), 0.15, seed: 11);
        var options = new WorkflowManagerOptions { Workflows = [Nested], ResendDelayMs = 20, GroupMaxItems = 10, FanOutChunk = 2 };
        await using var open = await PlainWorker.StartAsync(place.Bus, "open", Open);
        await using var work = await PlainWorker.StartAsync(
            place.Bus, "work", input => new JsonObject { ["cell"] = (int)input["cell"]! * (int)input["factor"]!, ["uri"] = (string)input["uri"]! });
        await using var sum = await PlainWorker.StartAsync(
            place.Bus, "sum", input => new JsonObject { ["row"] = input["cells"]!.AsArray().Sum(cell => (int)cell!), ["uri"] = (string)input["uri"]! });
        await using var after = await PlainWorker.StartAsync(place.Bus, "after", input => input);
        await using var manager = await place.ManageAsync(options, failpoints);
        for (var post = 0; post < 8; post++)
            await place.Bus.PublishAsync("nested", Post($"{post}", [[1, 2, 3], [], [4, 5]]));

        for (var post = 0; post < 8; post++)
        {
            var view = await manager.FinishAsync(RequestIds.ForKey("nested", $"{post}"));
            Assert.Equal("completed", view.Status);
            Assert.Equal("[60,0,90]", JsonNode.Parse(view.Result.Text())!["rows"]!.ToJsonString());
            Assert.Single(await manager.TimelineAsync(view.Id), happened => happened is { Kind: "completed", Step: "rows" });
        }
        Assert.Equal(fault != "None", failpoints.Struck > 0);
        Assert.DoesNotContain(await place.Store.Requests.CountAsync(manager.Token), count => count is { Step: "", Status: "running" });
    }

    [Fact]
    public async Task Items_with_equal_ids_or_with_the_id_of_another_request_are_children_of_their_own()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.FanOut("fan", "items", "work"), TestWorkflows.Chain("chain", "a"));
        await using var work = await PlainWorker.StartAsync(place.Bus, "work", input => new JsonObject { ["item"] = (int)input["item"]!["n"]! });
        var other = (await place.PublishAsync("chain", 1))[0];
        await manager.UntilAsync(other, view => view.Steps[0].Status == "dispatched");
        var id = Guid.NewGuid().ToString();

        await place.Bus.PublishAsync("fan", JsonNode.Parse(
            $$"""{"uri":"x","items":[{"id":"{{id}}","n":1},{"id":"{{id}}","n":2},{"id":"{{other}}","n":3},{"id":"{{RequestIds.ForKey("fan", "x")}}","n":4}]}""")!);

        var view = await manager.FinishAsync(RequestIds.ForKey("fan", "x"));
        Assert.Equal("[1,2,3,4]", JsonNode.Parse(view.Result.Text())!["items"]!.ToJsonString());
        Assert.Equal(("running", "chain"), ((await manager.FindAsync(other))!.Status, (await manager.FindAsync(other))!.Workflow));
    }

    [Fact]
    public async Task A_child_all_of_whose_steps_are_skipped_tasks_ends()
    {
        await using var place = await Workplace.OpenAsync();
        var skipped = new StepDefinition { Name = "cells", Task = "cell", When = [new Condition("keep", [System.Text.Json.JsonElement.Parse("true")])] };
        var workflow = Nested with
        {
            Steps = [Nested.Steps[0]],
            Tasks = [Nested.Tasks[0] with { Steps = [skipped] }, Nested.Tasks[1]],
        };
        await using var manager = await place.ManageAsync(workflow);

        await place.Bus.PublishAsync("nested", Post("x", [[1], [2]]));

        var view = await manager.FinishAsync(RequestIds.ForKey("nested", "x"));
        Assert.Equal(("completed", 2), (view.Status, view.Steps[0].Children!.Finished));
    }

    [Fact]
    public async Task Nothing_of_a_finished_request_its_children_and_their_children_stays_in_memory()
    {
        await using var place = await Workplace.OpenAsync();
        await using var open = await PlainWorker.StartAsync(place.Bus, "open", Open);
        await using var work = await PlainWorker.StartAsync(place.Bus, "work", input => input);
        await using var sum = await PlainWorker.StartAsync(place.Bus, "sum", input => input);
        await using var after = await PlainWorker.StartAsync(place.Bus, "after", input => input);
        await using var manager = await place.ManageAsync(Nested);
        await place.Bus.PublishAsync("nested", Post("x", [[1], [2]]));
        var top = RequestIds.ForKey("nested", "x");
        Assert.Equal("completed", (await manager.FinishAsync(top)).Status);

        Guid[] rows = [RequestIds.ForChild(top, "rows", 0), RequestIds.ForChild(top, "rows", 1)];
        foreach (var id in (Guid[])[top, .. rows, .. rows.Select(row => RequestIds.ForChild(row, "cells", 0))])
        {
            Assert.Equal("completed", (await manager.FindAsync(id))!.Status);
            Assert.False(manager.Get<RunningCache>().TryGet(id, out _));
        }
    }

    /// <summary>What a row's child begins with has its parent's keys beside the row, or this throws and nothing ends.</summary>
    private static JsonObject Open(JsonObject input) => new()
    {
        ["cells"] = input["row"]!["cells"]!.DeepClone(),
        ["factor"] = (int)input["factor"]!,
        ["uri"] = (string)input["uri"]!,
    };

    private static JsonObject Post(string uri, int[][] rows) => new()
    {
        ["uri"] = uri,
        ["factor"] = 10,
        ["rows"] = new JsonArray([.. rows.Select(row => new JsonObject { ["cells"] = new JsonArray([.. row.Select(cell => JsonValue.Create(cell))]) })]),
    };
}

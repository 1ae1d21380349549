using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Definitions;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>What happens before, while no manager runs, and after one has come again.</summary>
public sealed class RestartTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Posts_that_come_before_the_first_worker_wait_for_it_in_a_queue_that_the_manager_has_declared()
    {
        await using var place = await OpenAsync();
        var queue = $"early-{Guid.NewGuid():N}";
        await using var manager = await place.ManageAsync(Chain(queue));
        var ids = await place.PublishAsync(queue, 5);
        foreach (var id in ids)
            Assert.Equal("no_consumer", (await manager.UntilAsync(id, view => view.Why?.Code == "no_consumer")).Why!.Code);

        await using var worker = await PlainWorker.StartAsync(place.Bus, queue, input => input);

        foreach (var id in ids)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        Assert.Equal(5, worker.Calls);
    }

    [Fact]
    public async Task A_reply_that_comes_while_no_manager_runs_counts_once_one_does()
    {
        await using var place = await OpenAsync();
        var queue = $"absent-{Guid.NewGuid():N}";
        IReadOnlyList<Guid> ids;
        await using (var first = await place.ManageAsync(Chain(queue)))
        {
            ids = await place.PublishAsync(queue, 20);
            foreach (var id in ids)
                await first.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
            // What the broker has not confirmed would be sent again, as it must.
            await UntilAsync(() => first.Get<SentTickets>().OpenCount == 0);
        }
        await using var worker = await PlainWorker.StartAsync(place.Bus, queue, input => input);
        await UntilAsync(() => worker.Calls == 20);

        await using var second = await place.ManageAsync(Chain(queue));

        foreach (var id in ids)
            Assert.Equal(("completed", 1), ((await second.FinishAsync(id)).Status, (await second.FindAsync(id))!.Steps[0].Attempt));
        Assert.Equal(20, worker.Calls);
    }

    [Fact]
    public async Task A_resume_that_its_manager_did_not_live_to_tell_is_told_by_the_next()
    {
        await using var place = await OpenAsync();
        var queue = $"paused-{Guid.NewGuid():N}";
        await using var worker = await PlainWorker.StartAsync(place.Bus, queue, input => input);
        IReadOnlyList<Guid> ids;
        await using (var first = await place.ManageAsync(Chain(queue)))
        {
            await first.Get<Pauses>().PauseAsync(queue, null, "ann", first.Token);
            ids = await place.PublishAsync(queue, 5);
            foreach (var id in ids)
                await first.UntilAsync(id, view => view.Why?.Code == "paused");
            await first.Get<Resumes>().BeginAsync(queue, null, first.Token);
        }
        Assert.Equal(0, worker.Calls);

        await using var second = await place.ManageAsync(Chain(queue));

        foreach (var id in ids)
            Assert.Equal("completed", (await second.FinishAsync(id)).Status);
        while ((await place.Store.Documents.ListAsync("resumes/", 10, second.Token)).Count > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, second.Token);
    }

    [Fact]
    public async Task A_resume_that_another_manager_is_telling_is_left_to_it_until_it_has_been_silent_for_long()
    {
        await using var place = await OpenAsync();
        await using var manager = await place.ManageAsync(Chain($"told-{Guid.NewGuid():N}"));
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (note, from) in new[] { ("resumes/told/taken", now.AddMinutes(1)), ("resumes/told/silent", now.AddMinutes(-1)) })
            await place.Store.Documents.PutAsync(note, JsonSerializer.SerializeToUtf8Bytes(from), null, manager.Token);

        await manager.Get<Resumes>().FinishAsync(manager.Token);
        while (await place.Store.Documents.GetAsync("resumes/told/silent", manager.Token) is not null)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, manager.Token);

        Assert.NotNull(await place.Store.Documents.GetAsync("resumes/told/taken", manager.Token));
    }

    [Fact]
    public async Task Counts_lists_and_what_each_request_stands_at_are_the_same_after_a_restart()
    {
        await using var place = await OpenAsync();
        var queue = $"counted-{Guid.NewGuid():N}";
        var workflow = Chain(queue) with
        {
            Steps =
            [
                new StepDefinition { Name = "none", Task = "each" },
                new StepDefinition { Name = "skipped", Task = "each", When = [new Condition("keep", [JsonElement.Parse("true")])] },
                new StepDefinition { Name = queue, Depends = ["none", "skipped"] },
            ],
            Tasks = [new TaskDefinition { Name = "each", ItemListKey = "items", Steps = [new StepDefinition { Name = "work" }] }],
        };
        string before;
        await using (var first = await place.ManageAsync(workflow))
        {
            for (var post = 0; post < 5; post++)
                await place.Bus.PublishAsync(queue, new JsonObject { ["uri"] = $"at://{post}", ["items"] = new JsonArray() });
            foreach (var id in Ids(queue, 5))
                await first.UntilAsync(id, view => view.Steps[2].Status == "dispatched");
            before = await DescribeAsync(place, first, queue);
        }

        await using var second = await place.ManageAsync(workflow);

        Assert.Equal(before, await DescribeAsync(place, second, queue));
        await using var worker = await PlainWorker.StartAsync(place.Bus, queue, input => input);
        foreach (var id in Ids(queue, 5))
            Assert.Equal("completed", (await second.FinishAsync(id)).Status);
    }

    [Fact]
    public async Task Requests_of_a_workflow_that_names_virtual_hosts_go_on_after_a_restart()
    {
        await using var place = await OpenAsync();
        var name = $"hosted-{Guid.NewGuid():N}";
        var read = WorkflowReader.Read("w.yaml", $"workflows: [ {{ name: {name}, key: uri, vhosts: [ /one, /two ], steps: [ {{ name: {name} }} ] }} ]");
        var workflow = Assert.Single(read.Definitions);
        IReadOnlyList<Guid> ids;
        await using (var first = await place.ManageAsync(workflow))
        {
            ids = await place.PublishAsync(name, 3);
            foreach (var id in ids)
                await first.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        }
        await using var second = await place.ManageAsync(workflow);
        await using var worker = await PlainWorker.StartAsync(place.Bus, name, input => input);
        foreach (var id in ids)
            Assert.Equal("completed", (await second.FinishAsync(id)).Status);
        Assert.Equal(3, (await place.Store.Requests.ListAsync(new RequestQuery { Workflow = name, Status = "completed" }, second.Token)).Items.Count);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private async Task<Workplace> OpenAsync()
    {
        var bus = BusFactory.Create(node.Url);
        await bus.StartAsync(CancellationToken.None);
        return await Workplace.OpenAsync(bus);
    }

    private static WorkflowDefinition Chain(string name) => TestWorkflows.Chain(name, name);

    private static IEnumerable<Guid> Ids(string workflow, int count) =>
        Enumerable.Range(0, count).Select(index => RequestIds.ForKey(workflow, $"at://{index}"));

    private static async Task<string> DescribeAsync(Workplace place, TestManager manager, string workflow)
    {
        var counts = (await place.Store.Requests.CountAsync(manager.Token)).Where(count => count.Count != 0)
            .Select(count => $"{count.Workflow} {count.Step} {count.Status} {count.Count}").Order();
        var listed = (await place.Store.Requests.ListAsync(new RequestQuery { Workflow = workflow }, manager.Token)).Items.Select(item => $"{item.Id} {item.Status}");
        var steps = new List<string>();
        foreach (var id in Ids(workflow, 5))
            steps.AddRange((await manager.FindAsync(id))!.Steps.Select(step => $"{id} {step.Name} {step.Status} {step.Attempt}"));
        return string.Join('\n', [.. counts, .. listed, .. steps]);
    }
}

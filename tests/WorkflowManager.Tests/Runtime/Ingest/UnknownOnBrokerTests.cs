using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.Testing;
using Millrace.WorkflowManager.Runtime.DeadLetters;

namespace Millrace.WorkflowManager.Tests.Runtime.Ingest;

/// <summary>Posts for unknown workflows on a real broker.</summary>
public sealed class UnknownOnBrokerTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_post_that_became_a_dead_letter_is_taken_when_it_is_sent_again_once_its_workflow_is_known()
    {
        var bus = BusFactory.Create(node.Url);
        await bus.StartAsync(CancellationToken.None);
        await using var place = await Workplace.OpenAsync(bus);
        using var folder = new TemporaryFolder("workflows");
        Write(folder, "w");
        await using var manager = await place.ManageAsync(new WorkflowManagerOptions { WorkflowsFolder = folder.Path, UnknownWorkflowSeconds = 1 });
        await using var worker = await PlainWorker.StartAsync(bus, "a", input => input);
        await bus.PublishAsync("later", new JsonObject { ["uri"] = "x" });
        var letters = manager.Get<DeadLetterQueue>();
        DeadLetterListView list;
        while ((list = await letters.ListAsync(10, manager.Token)).Items.Count == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, manager.Token);

        Assert.Equal((Wire.UnknownQueue, "later"), (list.Items[0].Queue, list.Items[0].RoutingKey));
        Assert.StartsWith("workflow-not-found", list.Items[0].Reason, StringComparison.Ordinal);
        Write(folder, "later");
        Assert.True(await letters.RequeueAsync(list.Items[0].Id, manager.Token));

        Assert.Equal("completed", (await manager.FinishAsync(RequestIds.ForKey("later", "x"))).Status);
    }

    private static void Write(TemporaryFolder folder, string workflow) => File.WriteAllText(
        Path.Combine(folder.Path, workflow + ".yaml"), $"workflows: [ {{ name: {workflow}, key: uri, steps: [ {{ name: a }} ] }} ]");
}

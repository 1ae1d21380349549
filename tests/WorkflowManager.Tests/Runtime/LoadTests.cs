using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Bulk;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>More than there is room for, and a crowd that is sent again.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task No_more_requests_run_than_may_and_the_others_wait_on_the_broker_until_all_are_done()
    {
        await using var place = await Workplace.OpenAsync();
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a")], MaxRunning = 20, IngestPrefetch = 4 };
        await using var manager = await place.ManageAsync(options);
        var most = 0L;
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input =>
        {
            most = Math.Max(most, manager.Get<WorkflowManager.Runtime.Ingest.RunningCount>().Count);
            return input;
        });
        var ids = new List<Guid>();
        for (var post = 0; post < 300; post++)
            ids.AddRange(await place.PublishAsync("chain", 1, post));
        foreach (var id in ids)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        // As many may pass the door together as are taken from the broker at once.
        Assert.InRange(most, 1, 20 + 4);
    }

    [Fact]
    public async Task A_bulk_redrive_goes_oldest_first_and_keeps_to_the_rate_limit()
    {
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a");
        chain = chain with { Steps = [chain.Steps[0] with { RateLimit = new RateLimit(20, TimeSpan.FromSeconds(1)) }] };
        await using var manager = await place.ManageAsync(chain);
        var ids = new List<Guid>();
        await using (await PlainWorker.StartAsync(place.Bus, "a", item => item.Fail("BAD", "not today")))
        {
            for (var post = 0; post < 40; post++)
                ids.AddRange(await place.PublishAsync("chain", 1, post));
            foreach (var id in ids)
                Assert.Equal("failed", (await manager.FinishAsync(id)).Status);
        }
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        var bulk = await manager.Get<BulkAction>().RunAsync(
            new RequestQuery { Status = "failed", OldestFirst = true, Limit = 100 }, BulkDeed.Redrive(null, "me"), dryRun: false, isOnePage: false, manager.Token);

        Assert.Equal((40, 40), (bulk.Matched, bulk.Changed));
        var slots = new List<DateTimeOffset>();
        foreach (var id in ids)
        {
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
            slots.Add((await manager.TimelineAsync(id)).Last(happened => happened.Kind == "dispatched").At);
        }
        var held = new List<DateTimeOffset>();
        foreach (var id in ids.Skip(1))
        {
            var again = (await manager.TimelineAsync(id)).SkipWhile(happened => happened.Kind != "redriven");
            held.Add(again.First(happened => happened.Kind == "rate_limited").Until!.Value);
        }
        Assert.Equal(held.Order(), held);
        Assert.All(held.Zip(held.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMilliseconds(50)));
        Assert.True(slots.Max() - slots.Min() >= TimeSpan.FromSeconds(1.9));
    }
}

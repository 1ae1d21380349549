using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Millrace.WorkflowManager.Api;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Api;

public sealed class OperatingApiTests
{
    [Fact]
    public async Task A_running_request_can_be_cancelled_once()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");
        var (first, view) = await host.PostAsync($"/api/requests/{id}/cancel");
        var (second, problem) = await host.PostAsync($"/api/requests/{id}/cancel");
        Assert.Equal((HttpStatusCode.OK, "cancelled"), (first.StatusCode, (string)view!["status"]!));
        Assert.Equal((HttpStatusCode.Conflict, "urn:millrace:not-possible-now"), (second.StatusCode, (string)problem!["type"]!));
    }

    [Fact]
    public async Task Failed_requests_are_redriven_in_bulk_after_a_dry_run()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var isBroken = true;
        await using var worker = await PlainWorker.StartAsync(
            host.Bus, "a", item => Volatile.Read(ref isBroken) ? item.Fail("BROKEN", "out of order") : item.Done(item.Input));
        var ids = new List<string>();
        foreach (var n in Enumerable.Range(0, 5))
            ids.Add(await host.AcceptAsync("chain", $$"""{"uri":"{{n}}"}"""));
        foreach (var id in ids)
            Assert.Equal("failed", (string)(await host.GetAsync($"/api/requests/{id}?wait=30s")).Body!["status"]!);
        Volatile.Write(ref isBroken, false);

        var (_, dry) = await host.PostAsync("/api/requests/redrive?error=BROKEN&dryRun=true");
        Assert.Equal((5, 0), ((int)dry!["matched"]!, (int)dry["changed"]!));
        var (_, wet) = await host.PostAsync("/api/requests/redrive?workflow=chain&error=BROKEN&step=a");
        Assert.Equal((5, 5), ((int)wet!["matched"]!, (int)wet["changed"]!));

        foreach (var id in ids)
            Assert.Equal("completed", (string)(await host.GetAsync($"/api/requests/{id}?wait=30s")).Body!["status"]!);
        var before = (int)(await host.GetAsync($"/api/requests/{ids[0]}")).Body!["steps"]![0]!["attempt"]!;
        var (_, restarted) = await host.PostAsync($"/api/requests/{ids[0]}/restart?step=a");
        Assert.Equal(before + 1, (int)restarted!["steps"]![0]!["attempt"]!);
        var (refused, _) = await host.PostAsync($"/api/requests/{ids[1]}/restart?step=zz");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var (noItems, noTask) = await host.PostAsync($"/api/requests/{ids[1]}/restart?step=a&items=failed");
        Assert.Equal((HttpStatusCode.Conflict, "Step 'a' runs no task, so it has no items; run it again as a whole."), (noItems.StatusCode, (string)noTask!["detail"]!));
        var (wrong, _) = await host.PostAsync($"/api/requests/{ids[1]}/restart?step=a&items=some");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task A_paused_step_holds_what_becomes_ready_and_lets_it_go_when_resumed()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a", "b"));
        await using var a = await PlainWorker.StartAsync(host.Bus, "a", input => input);
        await using var b = await PlainWorker.StartAsync(host.Bus, "b", input => input);
        await host.PostAsync("/api/workflows/chain/steps/b/pause");
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");
        var view = (await host.GetAsync($"/api/requests/{id}")).Body!;
        for (var look = 0; look < 100 && (string?)view["why"]?["code"] != "paused"; look++)
            view = (await host.GetAsync($"/api/requests/{id}?wait=200ms")).Body!;
        Assert.Contains("by REST", (string)view["why"]!["sentence"]!);
        Assert.Equal(0, b.Calls);
        var (_, workflow) = await host.GetAsync("/api/workflows/chain");
        Assert.Equal("REST", (string)workflow!["steps"]![1]!["paused"]!["by"]!);

        var (resumed, _) = await host.PostAsync("/api/workflows/chain/steps/b/resume");
        Assert.Equal(HttpStatusCode.NoContent, resumed.StatusCode);
        Assert.Equal("completed", (string)(await host.GetAsync($"/api/requests/{id}?wait=30s")).Body!["status"]!);
    }

    [Fact]
    public async Task A_workflow_shows_its_graph_its_counts_and_its_rate_limits()
    {
        var chain = TestWorkflows.Chain("chain", "a", "b");
        chain = chain with { Steps = [chain.Steps[0], chain.Steps[1] with { RateLimit = new RateLimit(10, TimeSpan.FromSeconds(1)), Batch = 8 }] };
        await using var host = await ApiHost.StartAsync(chain);
        await host.AcceptAsync("chain", """{"uri":"x"}""");
        var (_, list) = await host.GetAsync("/api/workflows");
        Assert.Equal(1, (int)list!["items"]![0]!["counts"]!["running"]!);
        var (_, workflow) = await host.GetAsync("/api/workflows/chain");
        Assert.Equal("a", (string)workflow!["steps"]![1]!["depends"]![0]!);
        Assert.Equal(8, (int)workflow["steps"]![1]!["batch"]!);
        Assert.Equal(10, (int)workflow["steps"]![1]!["gate"]!["permits"]!);
        Assert.Equal(1, (int)workflow["steps"]![0]!["counts"]!["dispatched"]!);
        Assert.Equal(0, (int)workflow["steps"]![0]!["queueState"]!["consumers"]!);
        var (_, counts) = await host.GetAsync("/api/counts");
        Assert.Contains(counts!["items"]!.AsArray(), count => (string)count!["step"]! == "a" && (long)count["count"]! == 1);
        var (missing, _) = await host.GetAsync("/api/workflows/other");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task The_timeline_streams_until_the_request_has_ended()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");
        var streaming = host.Http.GetStringAsync($"/api/requests/{id}/events");
        await using var worker = await PlainWorker.StartAsync(host.Bus, "a", input => input);
        var stream = await streaming;
        Assert.Contains("event: accepted", stream);
        Assert.Contains("\"kind\":\"completed\"", stream);
        var (_, timeline) = await host.GetAsync($"/api/requests/{id}/timeline");
        Assert.Equal("accepted", (string)timeline!["events"]![0]!["kind"]!);
    }

    [Fact]
    public async Task A_stream_that_broke_off_goes_on_behind_the_last_event_that_came()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");
        await using var worker = await PlainWorker.StartAsync(host.Bus, "a", input => input);
        var whole = await StreamAsync(host, id, null);
        var places = whole.Text.Split('\n').Where(line => line.StartsWith("id: ", StringComparison.Ordinal)).Select(line => line["id: ".Length..]).ToArray();

        var rest = await StreamAsync(host, id, places[0]);
        var end = await StreamAsync(host, id, places[^1]);
        var other = await StreamAsync(host, id, "99.0");

        Assert.Equal(places.Length, places.Distinct().Count());
        Assert.Equal(whole.Text[whole.Text.IndexOf("event: dispatched", StringComparison.Ordinal)..], rest.Text);
        Assert.Equal((HttpStatusCode.NoContent, ""), end);
        Assert.Equal(whole, other);
    }

    [Theory]
    [InlineData("/api/requests/cancel?worklfow=other")]
    [InlineData("/api/requests/cancel?dry-run=true")]
    [InlineData("/api/requests/redrive?sttaus=failed")]
    [InlineData("/api/requests/cancel?error=timeout")]
    public async Task A_misspelt_filter_acts_on_nothing(string path)
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");

        var (refused, problem) = await host.PostAsync(path);

        Assert.Equal((HttpStatusCode.BadRequest, "urn:millrace:bad-filter"), (refused.StatusCode, (string)problem!["type"]!));
        Assert.Equal("running", (string)(await host.GetAsync($"/api/requests/{id}")).Body!["status"]!);
    }

    [Fact]
    public async Task A_pause_can_be_ended_after_its_step_is_gone()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        await manager.Get<Pauses>().PauseAsync("gone", "step", "by a test", manager.Token);
        await manager.Get<Pauses>().PauseAsync("gone", null, "by a test", manager.Token);

        var step = await WorkflowsApi.ResumeStepAsync("gone", "step", manager.Get<WorkflowCatalog>(), manager.Get<Pauses>(), manager.Get<Resumes>(), manager.Token);
        var workflow = await WorkflowsApi.ResumeAsync("gone", manager.Get<WorkflowCatalog>(), manager.Get<Pauses>(), manager.Get<Resumes>(), manager.Token);

        Assert.IsType<NoContent>(step.Result);
        Assert.IsType<NoContent>(workflow.Result);
        Assert.True(manager.Get<Pauses>().IsEmpty);
    }

    [Fact]
    public async Task Every_route_is_described_and_health_answers()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var (_, api) = await host.GetAsync("/openapi/v1.json");
        var paths = api!["paths"]!.AsObject().Select(path => path.Key).ToList();
        foreach (var path in new[] { "/api/workflows/{name}/requests", "/api/requests/{id}", "/api/requests", "/api/requests/redrive", "/api/requests/{id}/events" })
            Assert.Contains(path, paths);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/health/ready")).StatusCode);
    }

    private static async Task<(HttpStatusCode Status, string Text)> StreamAsync(ApiHost host, string id, string? after)
    {
        using var asked = new HttpRequestMessage(HttpMethod.Get, $"/api/requests/{id}/events");
        if (after is not null)
            asked.Headers.Add("Last-Event-ID", after);
        using var answer = await host.Http.SendAsync(asked);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}

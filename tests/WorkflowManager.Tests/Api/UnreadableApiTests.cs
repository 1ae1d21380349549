using System.Net;
using Millrace.Storage.Requests;
using Millrace.Testing;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Api;

/// <summary>A request that this build can't read, as one that a newer build wrote, beside one that it can.</summary>
public sealed class UnreadableApiTests
{
    [Fact]
    public async Task It_is_shown_with_what_its_row_says_and_why_that_is_all()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var (_, bad) = await SaveAsync(host);

        var (response, view) = await host.GetAsync($"/api/requests/{bad}?wait=10ms");

        Assert.Equal((HttpStatusCode.OK, "running", "unreadable"), (response.StatusCode, (string)view!["status"]!, (string)view["why"]!["code"]!));
        Assert.Contains("a newer one, can", (string)view["why"]!["sentence"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/api/requests?status=running")).Response.StatusCode);
    }

    [Fact]
    public async Task One_that_is_damaged_in_the_store_is_told_as_that_and_lists_and_the_others_are_there()
    {
        using var folder = new TemporaryFolder("damaged");
        var (options, path) = (new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a")], CacheMaxRequests = 0 }, Path.Combine(folder.Path, "m.db"));
        string good, bad;
        await using (var first = await ApiHost.StartAsync(options, "sqlite:" + path))
            (good, bad) = (await first.AcceptAsync("chain", """{"uri":"good"}"""), await first.AcceptAsync("chain", """{"uri":"damaged"}"""));
        await Workplace.DamageAsync(path, """{"uri":"damaged"}""");
        await using var host = await ApiHost.StartAsync(options, "sqlite:" + path);

        var (response, problem) = await host.GetAsync($"/api/requests/{bad}");

        Assert.Equal((HttpStatusCode.InternalServerError, "urn:millrace:request-damaged"), (response.StatusCode, (string)problem!["type"]!));
        Assert.Contains("Restore it from a copy", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/api/requests/{good}")).Response.StatusCode);
        Assert.Equal(2, (await host.GetAsync("/api/requests?status=running")).Body!["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_search_for_a_step_finds_the_others()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var (good, _) = await SaveAsync(host);

        var (_, page) = await host.GetAsync("/api/requests?status=running&step=a");

        Assert.Equal(good, (string)Assert.Single(page!["items"]!.AsArray())!["id"]!);
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("redrive")]
    [InlineData("restart?step=a")]
    public async Task Nothing_is_done_to_it_and_the_answer_says_why(string action)
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var (_, bad) = await SaveAsync(host);

        var (response, problem) = await host.PostAsync($"/api/requests/{bad}/{action}");

        Assert.Equal((HttpStatusCode.Conflict, "urn:millrace:unreadable"), (response.StatusCode, (string)problem!["type"]!));
    }

    [Fact]
    public async Task An_action_on_many_is_done_to_the_others()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var (good, bad) = await SaveAsync(host);

        var (_, dry) = await host.PostAsync("/api/requests/cancel?workflow=chain&dryRun=true");
        var (_, wet) = await host.PostAsync("/api/requests/cancel?workflow=chain");

        Assert.Equal((2, 0, 0, 1), Counts(dry!));
        Assert.Equal((2, 1, 0, 1), Counts(wet!));
        Assert.Equal(bad, (string)wet!["problems"]![0]!["id"]!);
        Assert.Equal("cancelled", (string)(await host.GetAsync($"/api/requests/{good}")).Body!["status"]!);
    }

    internal static (int Matched, int Changed, int Refused, int Failed) Counts(System.Text.Json.Nodes.JsonNode bulk) =>
        ((int)bulk["matched"]!, (int)bulk["changed"]!, (int)bulk["refused"]!, (int)bulk["failed"]!);

    private static async Task<(string Good, string Bad)> SaveAsync(ApiHost host)
    {
        var token = TestContext.Current.CancellationToken;
        var good = await host.AcceptAsync("chain", """{"uri":"x"}""");
        var stored = (await host.Store.Requests.LoadAsync([Guid.Parse(good)], token))[0]!.Record;
        var bad = stored with { Id = Guid.NewGuid(), Key = null, CreatedAt = stored.CreatedAt.AddMinutes(-1), Version = 1, State = new byte[] { 99 }, DueAt = null };
        await host.Store.Requests.CommitAsync(
            [new RequestChange { Record = bad, Outputs = [], Timeline = default, Effects = default, Counts = [] }], [], "test", stored.CreatedAt, token);
        return (good, bad.Id.ToString());
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Api;

/// <summary>Actions on all requests that a filter names.</summary>
public sealed class BulkApiTests
{
    [Fact]
    public async Task A_dry_run_says_what_would_be_refused_and_why()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        await using var worker = await PlainWorker.StartAsync(host.Bus, "a", input => input);
        await CompleteAsync(host, 3);

        var (_, dry) = await host.PostAsync("/api/requests/redrive?status=completed&dryRun=true");
        var (_, wet) = await host.PostAsync("/api/requests/redrive?status=completed");

        Assert.Equal((3, 0, 3, 0), UnreadableApiTests.Counts(dry!));
        Assert.Equal((3, 0, 3, 0), UnreadableApiTests.Counts(wet!));
        Assert.Equal(("refused", "No step of it failed or was cancelled; name a step to run again."), Problem(dry!));
    }

    [Fact]
    public async Task All_that_match_are_run_again_from_a_named_step()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a", "b"));
        await using var a = await PlainWorker.StartAsync(host.Bus, "a", input => input);
        await using var b = await PlainWorker.StartAsync(host.Bus, "b", input => input);
        var ids = await CompleteAsync(host, 3);

        var (_, none) = await host.PostAsync("/api/requests/redrive?status=completed&fromStep=zz");
        var (_, all) = await host.PostAsync("/api/requests/redrive?status=completed&fromStep=b");

        Assert.Equal((3, 0, 3, 0), UnreadableApiTests.Counts(none!));
        Assert.Contains("no such step", Problem(none!).Reason, StringComparison.Ordinal);
        Assert.Equal((3, 3, 0, 0), UnreadableApiTests.Counts(all!));
        foreach (var id in ids)
        {
            var steps = (await host.GetAsync($"/api/requests/{id}?wait=30s")).Body!["steps"]!;
            Assert.Equal((1, 2), ((int)steps[0]!["attempt"]!, (int)steps[1]!["attempt"]!));
        }
    }

    [Fact]
    public async Task With_a_limit_a_call_does_so_many_and_the_next_goes_on_behind_them()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        for (var post = 0; post < 5; post++)
            await host.AcceptAsync("chain", $$"""{"uri":"{{post}}"}""");

        var (_, first) = await host.PostAsync("/api/requests/cancel?workflow=chain&limit=3");
        var (_, second) = await host.PostAsync($"/api/requests/cancel?workflow=chain&limit=3&after={Uri.EscapeDataString((string)first!["next"]!)}");

        Assert.Equal((3, 2), ((int)first["changed"]!, (int)second!["changed"]!));
        Assert.Null(second["next"]);
    }

    [Theory]
    [InlineData("limit=0", "bad-filter")]
    [InlineData("limit=3&after=nonsense", "bad-cursor")]
    public async Task A_bad_page_acts_on_nothing(string page, string code)
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        var id = await host.AcceptAsync("chain", """{"uri":"x"}""");

        var (response, problem) = await host.PostAsync("/api/requests/cancel?workflow=chain&" + page);

        Assert.Equal((HttpStatusCode.BadRequest, "urn:millrace:" + code), (response.StatusCode, (string)problem!["type"]!));
        Assert.Equal("running", (string)(await host.GetAsync($"/api/requests/{id}")).Body!["status"]!);
    }

    private static (string Outcome, string Reason) Problem(JsonNode bulk) =>
        ((string)bulk["problems"]![0]!["outcome"]!, (string)bulk["problems"]![0]!["reason"]!);

    private static async Task<List<string>> CompleteAsync(ApiHost host, int count)
    {
        var ids = new List<string>();
        for (var post = 0; post < count; post++)
            ids.Add(await host.AcceptAsync("chain", $$"""{"uri":"{{post}}"}"""));
        foreach (var id in ids)
            Assert.Equal("completed", (string)(await host.GetAsync($"/api/requests/{id}?wait=30s")).Body!["status"]!);
        return ids;
    }
}

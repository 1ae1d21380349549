using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Millrace.Testing;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Api;

/// <summary>What a caller sees while the store is away.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task While_the_store_is_away_callers_are_told_in_time_to_come_again_and_then_everything_goes_on()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a")], SaveTimeoutMs = 1_000 };
        await using var host = await ApiHost.StartAsync(options, postgres.Url());
        await using var worker = await PlainWorker.StartAsync(host.Bus, "a", input => input);
        var before = await host.AcceptAsync("chain", """{"uri":"before"}""");
        await host.GetAsync($"/api/requests/{before}?wait=30s");
        await postgres.StopAsync();
        var started = Stopwatch.GetTimestamp();

        var (accepting, problem) = await host.PostAsync("/api/workflows/chain/requests", """{"uri":"meanwhile"}""");
        var (cancelling, _) = await host.PostAsync($"/api/requests/{before}/cancel");
        var (reading, _) = await host.GetAsync($"/api/requests/{before}");
        var (listing, _) = await host.GetAsync("/api/requests");

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.Equal("urn:millrace:store-unavailable", (string)problem!["type"]!);
        Assert.All([accepting, cancelling, reading, listing], response =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter!.Delta);
        });

        await postgres.StartServerAsync();
        var (status, body) = (HttpStatusCode.ServiceUnavailable, (JsonNode?)null);
        while (status == HttpStatusCode.ServiceUnavailable)
        {
            (var response, body) = await host.PostAsync("/api/workflows/chain/requests", """{"uri":"meanwhile"}""");
            status = response.StatusCode;
        }
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal("completed", (string)(await host.GetAsync($"/api/requests/{body!["ids"]![0]}?wait=30s")).Body!["status"]!);
    }

    [Fact]
    public async Task While_too_much_runs_callers_are_told_so()
    {
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a")], SaveTimeoutMs = 300, MaxRunning = 1 };
        await using var host = await ApiHost.StartAsync(options);
        var running = await host.AcceptAsync("chain", """{"uri":"1"}""");

        var (response, problem) = await host.PostAsync("/api/workflows/chain/requests", """{"uri":"2"}""");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "urn:millrace:overloaded"), (response.StatusCode, (string)problem!["type"]!));

        await host.PostAsync($"/api/requests/{running}/cancel");
        await host.AcceptAsync("chain", """{"uri":"2"}""");
    }
}

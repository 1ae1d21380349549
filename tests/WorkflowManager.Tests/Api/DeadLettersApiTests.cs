using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Api;

public sealed class DeadLettersApiTests
{
    [Fact]
    public async Task Dead_letters_can_be_looked_at_again_and_again_sent_again_and_discarded()
    {
        await using var host = await ApiHost.StartAsync(TestWorkflows.Chain("chain", "a"));
        foreach (var body in new[] { "{", "[7]" })
            await host.Bus.SendAsync([new OutgoingMessage(Wire.IngestExchange, "chain", Encoding.UTF8.GetBytes(body), MessageProperties.Empty)], CancellationToken.None);
        var letters = await ListAsync(host, 2);
        letters = await ListAsync(host, 2);
        Assert.Equal(["[7]", "{"], letters.Select(letter => (string)letter!["body"]!).Order());
        Assert.All(letters, letter => Assert.Equal(("chain", "millrace-ingest"), ((string)letter!["routingKey"]!, (string)letter["queue"]!)));
        var broken = letters.Single(letter => (string)letter!["body"]! == "{")!;
        Assert.StartsWith("bad-json", (string)broken["reason"]!);

        Assert.Equal(HttpStatusCode.NoContent, (await host.PostAsync($"/api/dead-letters/{broken["id"]}/discard")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.PostAsync($"/api/dead-letters/{broken["id"]}/discard")).Response.StatusCode);
        var other = (await ListAsync(host, 1)).Single()!;
        // It is as bad as before, so it comes back.
        Assert.Equal(HttpStatusCode.NoContent, (await host.PostAsync($"/api/dead-letters/{other["id"]}/requeue")).Response.StatusCode);
        Assert.Equal((string)other["id"]!, (string)(await ListAsync(host, 1)).Single()!["id"]!);
    }

    [Fact]
    public async Task A_requeue_that_is_not_confirmed_is_no_success()
    {
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a")] };
        await using var host = await ApiHost.StartAsync(options, bus: new BusOptions { MaxQueueMessages = 2, SendTimeoutMs = 200 });
        await host.Bus.DeclareQueueAsync("full", CancellationToken.None);
        var properties = new MessageProperties { Headers = new Dictionary<string, string> { [Wire.ReasonHeader] = "none", ["first-routing-key"] = "full" } };
        foreach (var queue in (string[])["full", "full", Wire.DeadLetterQueue])
            Assert.Equal(SendOutcome.Confirmed, (await host.Bus.SendAsync([new OutgoingMessage("", queue, "{}"u8.ToArray(), properties)], CancellationToken.None))[0]);
        var letter = (await ListAsync(host, 1)).Single()!;

        var (response, problem) = await host.PostAsync($"/api/dead-letters/{letter["id"]}/requeue");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "urn:millrace:not-confirmed"), (response.StatusCode, (string)problem!["type"]!));
        Assert.Contains("stays a dead letter", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Single(await ListAsync(host, 1));
        Assert.Equal(2, (await host.Bus.InspectAsync("full", CancellationToken.None))!.Messages);
    }

    private static async Task<JsonArray> ListAsync(ApiHost host, int expected)
    {
        for (var look = 0; ; look++)
        {
            var (_, list) = await host.GetAsync("/api/dead-letters");
            if (list!["items"]!.AsArray() is var items && (items.Count == expected || look == 50))
                return items;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}

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

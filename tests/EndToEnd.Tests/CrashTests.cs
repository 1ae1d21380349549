using System.Text.Json;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>The whole suite is killed in the middle of 5,000 requests and started again.</summary>
public sealed class CrashTests
{
    private const int Requests = 5_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task On_RabbitMQ_every_request_ends_completed_exactly_once()
    {
        await using var broker = await RabbitMqNode.StartAsync();

        await RunAsync("--broker", broker.Url);
    }

    [Fact]
    public async Task On_the_bus_in_memory_every_accepted_request_ends_completed_exactly_once()
    {
        await RunAsync("--broker", "memory:");
    }

    private static async Task RunAsync(params string[] bus)
    {
        using var folder = new TemporaryFolder("crash");
        string[] arguments = ["up", .. bus, "--store", "sqlite:" + Path.Combine(folder.Path, "crash.db"), "--log-level", "Warning"];
        var accepted = new HashSet<string>();
        await using (var first = await MillraceProcess.ServeAsync(arguments))
        {
            using var manager = new ManagerClient(first.Url);
            for (var from = 0; from < Requests; from += 100)
                accepted.UnionWith(await manager.SubmitAsync("enrich-post", Posts(from, 100)));
            Assert.InRange(await manager.CountAsync("enrich-post", "running"), 1, Requests);
            await first.KillAsync();
        }

        await using var second = await MillraceProcess.ServeAsync(arguments);
        using var again = new ManagerClient(second.Url);
        await ManagerClient.EventuallyAsync(
            async () => await again.CountAsync("enrich-post", "completed") + await again.CountAsync("enrich-post", "failed") >= Requests,
            Limit, async () => (await again.GetAsync("api/counts")).ToJsonString());

        Assert.Equal(Requests, accepted.Count);
        Assert.Equal(Requests, await again.CountAsync("enrich-post", "completed"));
        Assert.Equal(accepted, await CompletedIdsAsync(again));
        Assert.Equal(0, await second.StopAsync());
    }

    private static async Task<HashSet<string>> CompletedIdsAsync(ManagerClient manager)
    {
        var ids = new HashSet<string>();
        string? after = null;
        do
        {
            var page = await manager.GetAsync("api/requests?status=completed&limit=1000" + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)));
            foreach (var item in page["items"]!.AsArray())
                Assert.True(ids.Add(item!["id"]!.ToString()), "a request is listed twice");
            after = page["next"]?.ToString();
        }
        while (after is not null);
        return ids;
    }

    private static string Posts(int from, int count) => JsonSerializer.Serialize(
        Enumerable.Range(from, count).Select(i => new { uri = $"crash:{i}", text = $"Post number {i} about the weather in town {i % 97}, written for a test." }));
}

using System.Net;
using System.Text.Json.Nodes;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>The suite on a broker that is not there yet, and on one that is gone for a while.</summary>
public sealed class BrokerAwayTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Before_the_broker_is_there_it_waits_and_while_the_broker_is_away_it_takes_posts_and_is_not_ready()
    {
        using var folder = new TemporaryFolder("away");
        await using var broker = await RabbitMqNode.StartAsync();
        await using var wire = new TcpProxy(broker.Port);
        wire.Cut();
        var starting = MillraceProcess.ServeAsync(
            "up", "--broker", $"amqp://guest:guest@127.0.0.1:{wire.Port}", "--store", "sqlite:" + Path.Combine(folder.Path, "away.db"),
            "--workflows", Path.Combine(AppContext.BaseDirectory, "Workflows"), "--log-file", Path.Combine(folder.Path, "away.log"));
        await ManagerClient.EventuallyAsync(
            () => Task.FromResult(starting.IsFaulted || Log(folder).Contains("No connection for", StringComparison.Ordinal)),
            Limit, () => Task.FromResult(Log(folder)));
        Assert.False(starting.IsCompleted);

        wire.Mend();
        await using var suite = await starting;
        using var manager = new ManagerClient(suite.Url);
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(manager)).Status);

        wire.Cut();
        await ManagerClient.EventuallyAsync(
            async () => (await ReadyAsync(manager)).Status == HttpStatusCode.ServiceUnavailable,
            Limit, async () => $"{await ReadyAsync(manager)}");
        var accepted = await manager.SubmitAsync("clean-post", """[{"uri":"1","text":"Nobody reads this yet."},{"uri":"2","text":"Nor this."}]""");

        wire.Mend();
        foreach (var id in accepted)
            Assert.Equal("completed", (await manager.FinishedAsync(id))["status"]!.ToString());
        // One look at the checks is good for a second.
        await ManagerClient.EventuallyAsync(
            async () => (await ReadyAsync(manager)).Status == HttpStatusCode.OK, Limit, async () => $"{await ReadyAsync(manager)}");
    }

    private static Task<(HttpStatusCode Status, JsonNode? Body)> ReadyAsync(ManagerClient manager) => manager.TryGetAsync("health/ready");

    private static string Log(TemporaryFolder folder)
    {
        var text = "";
        foreach (var path in Directory.GetFiles(folder.Path, "away*.log"))
        {
            // Its writer holds it open.
            using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            text += file.ReadToEnd();
        }
        return text;
    }
}

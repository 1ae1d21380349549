using System.Diagnostics;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>A broker that goes away under load: nothing confirmed is lost, and the flow is back soon after the broker is.</summary>
public sealed class BrokerLossTests(ITestOutputHelper output)
{
    private static readonly TimeSpan FlowLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public Task Two_losses_under_load_lose_nothing() => RunAsync(2, "", loss => loss % 2 == 0);

    /// <summary>In order only: killed under load, a single node of RabbitMQ 3.10 can leave a quorum queue without a leader.</summary>
    [Fact]
    public Task A_restart_under_load_loses_nothing_of_quorum_queues() => RunAsync(1, "?queue-type=quorum", _ => false);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public Task Twenty_losses_under_load_lose_nothing() => RunAsync(20, "", loss => loss % 2 == 0);

    private async Task RunAsync(int losses, string query, Func<int, bool> isKilled)
    {
        await using var node = await RabbitMqNode.StartAsync();
        await using var load = await LedgerLoad.StartAsync(node.Url + query);
        await load.ReceiveMoreAsync(1_000, TimeSpan.FromSeconds(20));
        var pauses = new List<double>();
        for (var loss = 0; loss < losses; loss++)
        {
            if (isKilled(loss))
                await node.KillAsync();
            else
                await node.StopAsync();
            await node.StartServerAsync();
            var returned = Stopwatch.GetTimestamp();
            await load.ReceiveMoreAsync(300, TimeSpan.FromSeconds(30));
            pauses.Add(Stopwatch.GetElapsedTime(returned).TotalSeconds);
            output.WriteLine($"loss {loss} ({(isKilled(loss) ? "kill" : "stop")}): flow after {pauses[^1]:F2} s");
        }
        await load.FinishAsync();
        Assert.All(pauses, pause => Assert.InRange(pause, 0, FlowLimit.TotalSeconds));
    }
}

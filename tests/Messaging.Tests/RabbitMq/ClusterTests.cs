using Microsoft.Extensions.Options;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>Three nodes of one cluster, of which one is gone and the others go on.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task A_cluster_that_loses_a_node_under_load_loses_no_message_of_quorum_queues_and_the_flow_goes_on()
    {
        await using var first = await RabbitMqNode.StartAsync();
        await using var second = await RabbitMqNode.StartAsync(joins: first);
        await using var third = await RabbitMqNode.StartAsync(joins: first);
        // Of some messages that the lost leader had in hand the broker never says a word.
        var options = new BusOptions { SendTimeoutMs = 3_000 };
        await using var load = await LedgerLoad.StartAsync(Url(first, second, third) + "&queue-type=quorum&heartbeat=2", options);
        await load.ReceiveMoreAsync(500, TimeSpan.FromSeconds(20));

        await second.KillAsync();
        await load.ReceiveMoreAsync(500, TimeSpan.FromSeconds(30));
        await second.StartServerAsync();
        await load.ReceiveMoreAsync(500, TimeSpan.FromSeconds(30));
        await third.StopAsync();
        await load.ReceiveMoreAsync(500, TimeSpan.FromSeconds(30));
        await load.FinishAsync();
    }

    [Fact]
    public async Task A_bus_whose_first_node_is_not_there_finds_another()
    {
        await using var node = await RabbitMqNode.StartAsync();
        await using var bus = BusFactory.Create($"amqp://guest:guest@127.0.0.1:{FreePorts.Take(1)[0]}?nodes=127.0.0.1:{node.Port}");
        await bus.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(bus.IsHealthy);
    }

    [Theory]
    [InlineData("guest:secret@second")]
    [InlineData("second:99999")]
    [InlineData("second/other")]
    public void What_is_no_address_of_a_node_is_refused(string node)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => BusFactory.Create($"amqp://guest:guest@127.0.0.1:5672?nodes=third,{node}"));
        Assert.Contains(node, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'third'", refused.Message, StringComparison.Ordinal);
    }

    private static string Url(RabbitMqNode first, params RabbitMqNode[] others) =>
        $"{first.Url}?nodes={string.Join(',', others.Select(other => $"127.0.0.1:{other.Port}"))}";
}

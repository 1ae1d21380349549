using System.Net.Sockets;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class RabbitMqNodeTests
{
    [Fact]
    public async Task A_node_starts_restarts_and_leaves_nothing_behind()
    {
        int port;
        await using (var node = await RabbitMqNode.StartAsync())
        {
            port = node.Port;
            var first = node.ProcessId;
            await node.KillAsync();
            await node.StartServerAsync();
            Assert.NotEqual(first, node.ProcessId);
            Assert.Contains("Status of node", await node.ControlAsync(["status"]), StringComparison.Ordinal);
        }
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync("127.0.0.1", port));
    }
}

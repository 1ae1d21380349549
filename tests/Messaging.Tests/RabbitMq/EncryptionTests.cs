using Millrace.Contracts;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>amqps:// with certificates on both sides.</summary>
public sealed class EncryptionTests(EncryptedNode encrypted) : IClassFixture<EncryptedNode>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_certificate_and_a_named_authority_open_a_virtual_host_and_less_does_not()
    {
        var authority = $"cacertfile={encrypted.In("ca.pem")}";
        var client = $"certfile={encrypted.In("client.pem")}&keyfile={encrypted.In("client.key")}";
        await using (var bus = Bus($"{authority}&{client}", "team%2Fa"))
        {
            await bus.StartAsync(Token);
            var outcomes = await bus.SendAsync([new OutgoingMessage("", Wire.DeadLetterQueue, "{}"u8.ToArray(), MessageProperties.Empty)], Token);
            Assert.Equal(SendOutcome.Confirmed, outcomes[0]);
            Assert.DoesNotContain("guest", bus.Description, StringComparison.Ordinal);
        }
        Assert.Contains("dead-letter", await encrypted.Node.ControlAsync(["list_queues", "-p", "team/a"], cancellationToken: Token), StringComparison.Ordinal);
        await RefusesAsync(Bus(authority, ""));
        await RefusesAsync(Bus(client, ""));
        await RefusesAsync(Bus($"{authority}&{client}&server_name_indication=elsewhere", ""));
    }

    [Theory]
    [InlineData("amqp://guest:wrong@127.0.0.1:{0}")]
    [InlineData("amqp://guest:guest@127.0.0.1:{0}/nowhere")]
    public async Task A_wrong_password_or_virtual_host_is_said_at_once(string url)
    {
        await using var bus = BusFactory.Create(string.Format(url, encrypted.Node.Port));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => bus.StartAsync(Token));
        Assert.Contains("check user, password and virtual host", error.Message, StringComparison.Ordinal);
    }

    private IMessageBus Bus(string query, string vhost) => BusFactory.Create($"amqps://guest:guest@127.0.0.1:{encrypted.Node.TlsPort}/{vhost}?{query}");

    private static async Task RefusesAsync(IMessageBus bus)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(1.5));
        await Assert.ThrowsAnyAsync<Exception>(() => bus.StartAsync(limit.Token));
        Assert.False(bus.IsHealthy);
        await bus.DisposeAsync();
    }
}

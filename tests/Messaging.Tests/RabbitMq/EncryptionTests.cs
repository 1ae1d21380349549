using System.Security.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Contracts;
using Millrace.Messaging.RabbitMq;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>amqps:// with certificates on both sides.</summary>
public sealed class EncryptionTests(EncryptedNode encrypted) : IClassFixture<EncryptedNode>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_certificate_and_a_named_authority_open_a_virtual_host()
    {
        var authority = $"cacertfile={encrypted.In("ca.pem")}";
        var client = $"certfile={encrypted.In("client.pem")}&keyfile={encrypted.In("client.key")}";
        await using (var bus = BusFactory.Create(Url($"{authority}&{client}", "team%2Fa")))
        {
            await bus.StartAsync(Token);
            var outcomes = await bus.SendAsync([new OutgoingMessage("", Wire.DeadLetterQueue, "{}"u8.ToArray(), MessageProperties.Empty)], Token);
            Assert.Equal(SendOutcome.Confirmed, outcomes[0]);
            Assert.DoesNotContain("guest", bus.Description, StringComparison.Ordinal);
        }
        Assert.Contains("dead-letter", await encrypted.Node.ControlAsync(["list_queues", "-p", "team/a"], cancellationToken: Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Less_than_that_is_refused_on_the_side_that_misses_it()
    {
        var authority = $"cacertfile={encrypted.In("ca.pem")}";
        var client = $"certfile={encrypted.In("client.pem")}&keyfile={encrypted.In("client.key")}";

        Assert.IsType<AuthenticationException>(await RefusalAsync(client));
        Assert.IsType<AuthenticationException>(await RefusalAsync($"cacertfile={encrypted.In("stranger.pem")}&{client}"));
        Assert.IsType<AuthenticationException>(await RefusalAsync($"{authority}&{client}&server_name_indication=elsewhere"));
        // The handshake is over for us before the node has looked at our side: the end of the connection is all that is heard.
        Assert.IsNotType<AuthenticationException>(await RefusalAsync(authority));
        while (!(await File.ReadAllTextAsync(encrypted.Node.LogFile, Token)).Contains("certificate_required", StringComparison.OrdinalIgnoreCase))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
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

    private string Url(string query, string vhost) => $"amqps://guest:guest@127.0.0.1:{encrypted.Node.TlsPort}/{vhost}?{query}";

    /// <summary>What the first try to connect failed with.</summary>
    private async Task<Exception> RefusalAsync(string query)
    {
        var (address, options) = RabbitMqAddress.Parse(new Uri(Url(query, "")), new BusOptions());
        await using var connection = new BrokerConnection(address, "refused", options, TimeProvider.System, NullLogger.Instance);
        connection.Start();
        while (connection.LastFailure is null)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        Assert.False(connection.IsOpen);
        return connection.LastFailure.GetBaseException();
    }
}

using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Millrace.Messaging.RabbitMq;

namespace Millrace.Messaging.Tests.RabbitMq;

public sealed class ServerTrustTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot("Root");
    private readonly TestAuthority _between;
    private readonly TestAuthority _stranger = TestAuthority.CreateRoot("Stranger");

    public ServerTrustTests() => _between = _root.CreateIntermediate("Between");

    public void Dispose()
    {
        _root.Dispose();
        _between.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public void An_intermediate_that_the_broker_sends_leads_to_the_named_authority()
    {
        Assert.True(Allows(_between.Issue("broker"), sent: _between.Certificate));
        Assert.False(Allows(_between.Issue("broker"), sent: null));
    }

    [Fact]
    public void What_the_broker_sends_is_no_authority() =>
        Assert.False(Allows(_stranger.Issue("broker"), sent: _stranger.Certificate));

    [Theory]
    [InlineData(null, true)]
    [InlineData(TestAuthority.ForServers, true)]
    [InlineData(TestAuthority.ForClients, false)]
    public void A_certificate_that_is_for_something_else_than_servers_is_refused(string? purpose, bool isAllowed) =>
        Assert.Equal(isAllowed, Allows(_root.Issue("broker", purpose), sent: null));

    [Theory]
    [InlineData(SslPolicyErrors.None, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, false)]
    [InlineData(SslPolicyErrors.RemoteCertificateNotAvailable, false)]
    public void Another_name_is_not_forgiven(SslPolicyErrors errors, bool isAllowed) =>
        Assert.Equal(isAllowed, Allows(_root.Issue("broker"), sent: null, errors));

    private bool Allows(X509Certificate2 server, X509Certificate2? sent, SslPolicyErrors errors = SslPolicyErrors.RemoteCertificateChainErrors)
    {
        using var chain = new X509Chain();
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.Add(sent);
        return new ServerTrust([X509CertificateLoader.LoadCertificate(_root.Certificate.RawData)]).Allows(server, chain, errors);
    }
}

using System.Security.Cryptography.X509Certificates;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>
/// A node that asks clients for certificates, with an authority made for the test, whose intermediate only the node has, and a virtual
/// host <c>team/a</c>.
/// </summary>
public sealed class EncryptedNode : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("tls");

    public RabbitMqNode Node { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var root = TestAuthority.CreateRoot("Tests");
        using var between = root.CreateIntermediate("Between");
        using var stranger = TestAuthority.CreateRoot("Stranger");
        await File.WriteAllTextAsync(In("ca.pem"), root.Certificate.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(In("stranger.pem"), stranger.Certificate.ExportCertificatePem(), Token);
        Write("server", between.Issue("server", TestAuthority.ForServers), between.Certificate);
        Write("client", root.Issue("client", TestAuthority.ForClients));
        Node = await RabbitMqNode.StartAsync(
            $"""
            listeners.ssl.1 = 127.0.0.1:{"{tls-port}"}
            ssl_options.cacertfile = {In("ca.pem")}
            ssl_options.certfile = {In("server.pem")}
            ssl_options.keyfile = {In("server.key")}
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = true
            """, cancellationToken: Token);
        await Node.ControlAsync(["add_vhost", "team/a"], cancellationToken: Token);
        await Node.ControlAsync(["set_permissions", "-p", "team/a", "guest", ".*", ".*", ".*"], cancellationToken: Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _folder.Dispose();
    }

    public string In(string file) => Path.Combine(_folder.Path, file);

    private void Write(string name, X509Certificate2 certificate, params X509Certificate2[] chain)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(In($"{name}.pem"), string.Join('\n', chain.Prepend(certificate).Select(one => one.ExportCertificatePem())));
        File.WriteAllText(In($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }
}

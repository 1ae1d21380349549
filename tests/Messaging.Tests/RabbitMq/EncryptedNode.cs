using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>A node that asks clients for certificates, with an authority made for the test and a virtual host <c>team/a</c>.</summary>
public sealed class EncryptedNode : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("tls");

    public RabbitMqNode Node { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var authority = CreateAuthority();
        await File.WriteAllTextAsync(In("ca.pem"), authority.ExportCertificatePem(), Token);
        WriteCertificate(authority, "server");
        WriteCertificate(authority, "client");
        Node = await RabbitMqNode.StartAsync(
            $"""
            listeners.ssl.1 = 127.0.0.1:{"{tls-port}"}
            ssl_options.cacertfile = {In("ca.pem")}
            ssl_options.certfile = {In("server.pem")}
            ssl_options.keyfile = {In("server.key")}
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = true
            """, Token);
        await Node.ControlAsync(["add_vhost", "team/a"], cancellationToken: Token);
        await Node.ControlAsync(["set_permissions", "-p", "team/a", "guest", ".*", ".*", ".*"], cancellationToken: Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _folder.Dispose();
    }

    public string In(string file) => Path.Combine(_folder.Path, file);

    private static X509Certificate2 CreateAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Tests", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private void WriteCertificate(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(In($"{name}.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(In($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }
}

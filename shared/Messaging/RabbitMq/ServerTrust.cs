using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Millrace.Messaging.RabbitMq;

/// <summary>Whether a broker's certificate is believed: the named authorities replace the system's.</summary>
internal sealed class ServerTrust(X509Certificate2Collection authorities)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <param name="sent">The chain that the system tried: it holds what the broker sent beside its own certificate.</param>
    /// <param name="errors">What the system found; only an unknown authority is forgiven here, never another name.</param>
    public bool Allows(X509Certificate? server, X509Chain? sent, SslPolicyErrors errors)
    {
        if (server is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
            foreach (var element in sent.ChainElements)
                chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }
        using var copy = X509CertificateLoader.LoadCertificate(server.GetRawCertData());
        return chain.Build(copy);
    }
}

using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Millrace.Hosting.Access;

/// <summary>The issuer's public key and the algorithms that it can have signed with; no others are believed.</summary>
internal sealed record JwtKey(SecurityKey Key, IReadOnlyList<string> Algorithms)
{
    /// <returns>The key, or null and the problem with its fix.</returns>
    public static (JwtKey? Key, string? Problem) Read(string file)
    {
        string pem;
        try
        {
            pem = File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, $"Access:Jwt:PublicKeyFile '{file}' cannot be read: {error.Message}");
        }
        if (Import(ECDsa.Create(), pem) is { } curve)
            return (new JwtKey(new ECDsaSecurityKey(curve), ["ES256", "ES384", "ES512"]), null);
        if (Import(RSA.Create(), pem) is { } rsa)
            return (new JwtKey(new RsaSecurityKey(rsa), ["RS256", "RS384", "RS512", "PS256"]), null);
        return (null, $"Access:Jwt:PublicKeyFile '{file}' holds no RSA or EC public key; it must be a PEM file that begins with -----BEGIN PUBLIC KEY-----.");
    }

    private static T? Import<T>(T key, string pem)
        where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }
}

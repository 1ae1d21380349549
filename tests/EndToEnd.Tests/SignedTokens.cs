using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Millrace.EndToEnd.Tests;

/// <summary>An issuer of tokens (JWT) with the role <c>read</c>.</summary>
internal sealed class SignedTokens : IDisposable
{
    public const string Issuer = "tests";
    public const string Audience = "millrace";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string PublicKey => _key.ExportSubjectPublicKeyInfoPem();

    public string Create()
    {
        var claims = new { iss = Issuer, aud = Audience, sub = "bea", roles = "read", exp = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds() };
        var signed = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", typ = "JWT" }))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{signed}.{Encode(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
}

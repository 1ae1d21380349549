using System.Security.Cryptography;
using System.Text;

namespace Millrace.Hosting.Access;

/// <summary>A new random key of 256 bits and the hash by which it is configured.</summary>
public sealed record ApiKey(string Text, string Sha256)
{
    private const string Prefix = "mr_";

    public static ApiKey Create()
    {
        var text = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return new ApiKey(text, Convert.ToHexStringLower(Hash(text)));
    }

    internal static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Millrace.Hosting.Access;

/// <summary>Knows callers by their API key; every configured hash is compared, in constant time.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder, AccessOptions access)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public const string SchemeName = "ApiKey";

    private const string BearerPrefix = "Bearer ";

    /// <summary>The key that a call carries, or null. A token with dots is a JWT and none of ours.</summary>
    public static string? FindKey(HttpRequest request)
    {
        if (request.Headers["X-Api-Key"].ToString() is { Length: > 0 } key)
            return key;
        // Perspective's clients know no other way to give a key.
        if (request.Path.StartsWithSegments("/v1alpha1") && request.Query["key"].ToString() is { Length: > 0 } inUrl)
            return inUrl;
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) && !authorization.Contains('.', StringComparison.Ordinal)
            ? authorization[BearerPrefix.Length..].Trim()
            : null;
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (FindKey(Request) is not { } key)
            return Task.FromResult(AuthenticateResult.NoResult());
        var caller = Find(ApiKey.Hash(key));
        return Task.FromResult(caller is null
            ? AuthenticateResult.Fail("The API key is not known.")
            : AuthenticateResult.Success(new AuthenticationTicket(Principal(caller), SchemeName)));
    }

    private ApiKeyOptions? Find(byte[] hash)
    {
        ApiKeyOptions? found = null;
        foreach (var candidate in access.Keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(candidate.Sha256)))
                found = candidate;
        }
        return found;
    }

    private static ClaimsPrincipal Principal(ApiKeyOptions caller)
    {
        var claims = caller.Roles.Select(role => new Claim(ClaimTypes.Role, role)).Append(new Claim(ClaimTypes.Name, caller.Name));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName));
    }
}

using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Millrace.Contracts;

namespace Millrace.Hosting.Access;

/// <summary>API keys and JWTs behind one policy a role. Routes without a policy of their own need <see cref="AccessRoles.Read"/>.</summary>
internal static class AccessModule
{
    private const string AnyScheme = "Any";

    public static IServiceCollection AddAccess(this IServiceCollection services, AccessOptions access)
    {
        services.AddSingleton(access);
        var authentication = services.AddAuthentication(AnyScheme)
            .AddPolicyScheme(AnyScheme, AnyScheme, scheme => scheme.ForwardDefaultSelector = context =>
                access.Jwt is not null && ApiKeyHandler.FindKey(context.Request) is null
                    ? JwtBearerDefaults.AuthenticationScheme
                    : ApiKeyHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
        if (access.Jwt is { } jwt)
            authentication.AddJwtBearer(bearer => Configure(bearer, jwt));
        services.AddAuthorization(authorization => AddPolicies(authorization, access));
        return services;
    }

    private static void AddPolicies(AuthorizationOptions authorization, AccessOptions access)
    {
        foreach (var role in AccessRoles.All)
            authorization.AddPolicy(role, policy => Require(policy, access, role));
        var fallback = new AuthorizationPolicyBuilder();
        Require(fallback, access, AccessRoles.Read);
        authorization.FallbackPolicy = fallback.Build();
        authorization.DefaultPolicy = authorization.FallbackPolicy;
    }

    private static void Require(AuthorizationPolicyBuilder policy, AccessOptions access, string role)
    {
        if (access.IsConfigured)
            policy.RequireAuthenticatedUser().RequireRole(role, AccessRoles.Operate);
        else
            policy.RequireAssertion(_ => true);
    }

    private static void Configure(JwtBearerOptions bearer, JwtOptions jwt)
    {
        var (key, algorithms) = ReadKey(File.ReadAllText(jwt.PublicKeyFile));
        bearer.MapInboundClaims = false;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = jwt.Issuer,
            ValidAudience = jwt.Audience,
            IssuerSigningKey = key,
            ValidAlgorithms = algorithms,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = TimeSpan.FromSeconds(30),
            RoleClaimType = jwt.RoleClaim,
            NameClaimType = "sub",
        };
    }

    private static (SecurityKey Key, string[] Algorithms) ReadKey(string pem)
    {
        if (pem.Contains("EC ", StringComparison.Ordinal) || TryEc(pem) is not null)
            return (new ECDsaSecurityKey(TryEc(pem)!), ["ES256", "ES384", "ES512"]);
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return (new RsaSecurityKey(rsa), ["RS256", "RS384", "RS512", "PS256"]);
    }

    private static ECDsa? TryEc(string pem)
    {
        var key = ECDsa.Create();
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

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
    private const string NameClaim = "sub";

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
        {
            var (key, problem) = JwtKey.Read(jwt.PublicKeyFile);
            authentication.AddJwtBearer(bearer => Configure(bearer, jwt, key ?? throw new ConfigurationException(problem!)));
        }
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

    private static void Configure(JwtBearerOptions bearer, JwtOptions jwt, JwtKey key)
    {
        bearer.MapInboundClaims = false;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = jwt.Issuer,
            ValidAudience = jwt.Audience,
            IssuerSigningKey = key.Key,
            ValidAlgorithms = key.Algorithms,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = TimeSpan.FromSeconds(30),
            RoleClaimType = jwt.RoleClaim,
            NameClaimType = NameClaim,
        };
        bearer.Events = new JwtBearerEvents { OnTokenValidated = RequireName };
    }

    /// <summary>Limits and the timeline go by the caller's name.</summary>
    private static Task RequireName(TokenValidatedContext context)
    {
        if (context.Principal?.Identity?.Name is not { Length: > 0 })
            context.Fail($"The token has no claim {NameClaim}.");
        return Task.CompletedTask;
    }
}

using Microsoft.AspNetCore.Http;
using Millrace.Hosting.Access;

namespace Millrace.Hosting;

/// <summary>Who is held to a limit: a key, a subject of tokens, or an address; everybody together where neither is asked for.</summary>
internal static class Callers
{
    public static string Of(HttpContext context, AccessOptions access) => context.User.Identity switch
    {
        { Name: { Length: > 0 } name } identity => $"{identity.AuthenticationType} {name}",
        _ when access.IsConfigured => $"address {context.Connection.RemoteIpAddress}",
        _ => "all",
    };
}

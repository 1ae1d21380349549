using Millrace.Contracts;

namespace Millrace.Hosting.Access;

/// <summary>Checks the access options and the address together, and names every problem with its fix.</summary>
internal static class AccessRules
{
    public static IEnumerable<string> Check(AccessOptions access, bool loopbackOnly)
    {
        if (!loopbackOnly && !access.IsConfigured)
        {
            yield return "The address is reachable from other machines, but no API key or JWT is configured. "
                + "Bind to 127.0.0.1, or make a key with `millrace key NAME --role operate` and set Access:Keys.";
        }
        foreach (var key in access.Keys)
        {
            if (key.Name.Length == 0)
                yield return "Access:Keys has an entry without Name.";
            if (key.Sha256.Length != 64 || !key.Sha256.All(char.IsAsciiHexDigit))
                yield return $"Access:Keys '{key.Name}': Sha256 must be 64 hexadecimal digits, as `millrace key` prints them.";
            foreach (var role in key.Roles.Where(role => !AccessRoles.All.Contains(role)))
                yield return $"Access:Keys '{key.Name}': role '{role}' is unknown; use {string.Join(", ", AccessRoles.All)}.";
            if (key.Roles.Count == 0)
                yield return $"Access:Keys '{key.Name}' has no role; give at least one of {string.Join(", ", AccessRoles.All)}.";
        }
        if (access.Keys.GroupBy(key => key.Name).FirstOrDefault(group => group.Count() > 2) is { } crowd)
            yield return $"Access:Keys has more than two keys named '{crowd.Key}'; two are enough to rotate.";
        foreach (var problem in access.Jwt is { } jwt ? Check(jwt) : [])
            yield return problem;
    }

    private static IEnumerable<string> Check(JwtOptions jwt)
    {
        if (string.IsNullOrWhiteSpace(jwt.Issuer))
            yield return "Access:Jwt:Issuer is missing; set it to the claim iss of the tokens.";
        if (string.IsNullOrWhiteSpace(jwt.Audience))
            yield return "Access:Jwt:Audience is missing; set it to the claim aud of the tokens.";
        if (string.IsNullOrWhiteSpace(jwt.RoleClaim))
            yield return "Access:Jwt:RoleClaim is empty; set it to the claim that lists the roles, or leave it out for roles.";
        if (string.IsNullOrWhiteSpace(jwt.PublicKeyFile))
            yield return "Access:Jwt:PublicKeyFile is missing; set it to a PEM file with the issuer's public key.";
        else if (JwtKey.Read(jwt.PublicKeyFile).Problem is { } problem)
            yield return problem;
    }
}

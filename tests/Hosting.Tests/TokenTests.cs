using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Millrace.Contracts;
using static Millrace.Hosting.Tests.TestHost;

namespace Millrace.Hosting.Tests;

/// <summary>Which signed tokens are believed.</summary>
public sealed class TokenTests : IDisposable
{
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly string _file = Path.GetTempFileName();

    public void Dispose()
    {
        _curve.Dispose();
        _rsa.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task Only_tokens_of_the_pinned_issuer_and_audience_are_believed()
    {
        using var theirs = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var app = await StartAsync(_curve.ExportSubjectPublicKeyInfoPem());

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/read", Token(Signed(_curve))));
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(app, "/operate", Token(Signed(_curve))));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(Signed(theirs))));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(Signed(_curve), issuer: "you")));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(Signed(_curve), audience: "others")));
    }

    [Fact]
    public async Task Tokens_signed_by_an_RSA_key_are_believed()
    {
        await using var app = await StartAsync(_rsa.ExportSubjectPublicKeyInfoPem());

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/read", Token(new SigningCredentials(new RsaSecurityKey(_rsa), SecurityAlgorithms.RsaSha256))));
    }

    [Fact]
    public async Task A_token_that_has_ended_or_has_no_end_is_refused()
    {
        await using var app = await StartAsync(_curve.ExportSubjectPublicKeyInfoPem());
        var ended = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-5);

        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(Signed(_curve), expires: ended)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(Signed(_curve), hasEnd: false)));
    }

    [Fact]
    public async Task A_token_without_subject_is_refused_because_no_limit_would_hold_its_bearer()
    {
        await using var app = await StartAsync(_curve.ExportSubjectPublicKeyInfoPem());

        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(Signed(_curve), subject: null)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(Signed(_curve), subject: "")));
    }

    [Fact]
    public async Task The_public_key_is_no_secret_to_sign_with_and_an_unsigned_token_is_refused()
    {
        var pem = _rsa.ExportSubjectPublicKeyInfoPem();
        await using var app = await StartAsync(pem);
        var shared = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(pem)), SecurityAlgorithms.HmacSha256);

        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(shared)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(null)));
    }

    [Fact]
    public void Every_setting_that_is_missing_is_named_at_start()
    {
        var error = Assert.Throws<ConfigurationException>(() => Build([new("Access:Jwt:RoleClaim", "")]));

        Assert.Equal(
            ["Access:Jwt:Issuer", "Access:Jwt:Audience", "Access:Jwt:RoleClaim", "Access:Jwt:PublicKeyFile"],
            error.Problems.Select(problem => problem.Split(' ')[0]));
    }

    [Theory]
    [InlineData("no key at all")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZI\n-----END PUBLIC KEY-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMFkwEwYHKoZI\n-----END CERTIFICATE-----\n")]
    public void A_file_that_holds_no_key_is_named_at_start(string pem)
    {
        var error = Assert.Throws<ConfigurationException>(() => Build(Settings(pem)));

        Assert.StartsWith("Access:Jwt:PublicKeyFile", Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    private static SigningCredentials Signed(ECDsa key) => new(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256);

    private static string Token(
        SigningCredentials? signed, string issuer = "me", string audience = "millrace", string? subject = "tester", DateTime? expires = null, bool hasEnd = true)
    {
        var claims = new List<Claim> { new("roles", AccessRoles.Read) };
        if (subject is not null)
            claims.Add(new Claim("sub", subject));
        var token = new SecurityTokenDescriptor { Issuer = issuer, Audience = audience, Subject = new ClaimsIdentity(claims), SigningCredentials = signed };
        if (hasEnd)
        {
            token.Expires = expires ?? TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5);
            token.NotBefore = token.Expires.Value.AddMinutes(-10);
        }
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }

    private Task<WebApplication> StartAsync(string pem) => TestHost.StartAsync(Settings(pem));

    private KeyValuePair<string, string?>[] Settings(string pem)
    {
        File.WriteAllText(_file, pem);
        return [new("Access:Jwt:Issuer", "me"), new("Access:Jwt:Audience", "millrace"), new("Access:Jwt:PublicKeyFile", _file)];
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Millrace.Contracts;
using Millrace.Hosting.Access;

namespace Millrace.Hosting.Tests;

public sealed class AccessTests
{
    [Theory]
    [InlineData(null, "/read", HttpStatusCode.Unauthorized)]
    [InlineData("wrong", "/read", HttpStatusCode.Unauthorized)]
    [InlineData(AccessRoles.Read, "/read", HttpStatusCode.OK)]
    [InlineData(AccessRoles.Read, "/ingest", HttpStatusCode.Forbidden)]
    [InlineData(AccessRoles.Read, "/operate", HttpStatusCode.Forbidden)]
    [InlineData(AccessRoles.Ingest, "/ingest", HttpStatusCode.OK)]
    [InlineData(AccessRoles.Ingest, "/operate", HttpStatusCode.Forbidden)]
    [InlineData(AccessRoles.Operate, "/operate", HttpStatusCode.OK)]
    [InlineData(AccessRoles.Operate, "/ingest", HttpStatusCode.OK)]
    public async Task A_key_opens_what_its_roles_name(string? role, string path, HttpStatusCode expected)
    {
        var keys = AccessRoles.All.ToDictionary(name => name, _ => ApiKey.Create());
        await using var app = await StartAsync(keys.SelectMany((key, index) => KeySettings(index, key.Key, key.Value)));
        var text = role is null ? null : keys.TryGetValue(role, out var key) ? key.Text : role;

        Assert.Equal(expected, await CallAsync(app, path, text));
    }

    [Fact]
    public async Task A_key_in_the_address_counts_only_where_Perspectives_clients_call()
    {
        var key = ApiKey.Create();
        await using var app = await StartAsync(KeySettings(0, AccessRoles.Read, key));

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/v1alpha1/read?key=" + key.Text, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/v1alpha1/read?key=wrong", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read?key=" + key.Text, null));
    }

    [Fact]
    public async Task Health_and_OpenAPI_need_no_key()
    {
        await using var app = await StartAsync(KeySettings(0, AccessRoles.Read, ApiKey.Create()));

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/health/live", null));
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/health/ready", null));
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/openapi/v1.json", null));
    }

    [Fact]
    public async Task Without_keys_loopback_is_open()
    {
        await using var app = await StartAsync([]);

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/operate", null));
    }

    [Fact]
    public void Another_address_without_keys_is_refused_at_start()
    {
        var error = Assert.Throws<ConfigurationException>(() => Build([new("Hosting:Address", "0.0.0.0")]));

        Assert.Contains("millrace key", Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_is_named_at_once()
    {
        var error = Assert.Throws<ConfigurationException>(() => Build(
        [
            new("Hosting:Port", "99999"), new("Hosting:Address", "here"), new("Access:Keys:0:Name", "a"), new("Access:Keys:0:Sha256", "abc"),
            new("Access:Keys:0:Roles:0", "root"),
        ]));

        Assert.Equal(4, error.Problems.Count);
    }

    [Fact]
    public async Task A_caller_that_calls_too_often_is_told_to_wait()
    {
        var key = ApiKey.Create();
        await using var app = await StartAsync([.. KeySettings(0, AccessRoles.Read, key), new("Access:CallsPerSecondPerKey", "3")]);

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 12; i++)
            answers.Add(await CallAsync(app, "/read", key.Text));

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.OK, answers[0]);
    }

    [Fact]
    public async Task Only_tokens_of_the_pinned_issuer_audience_and_algorithm_are_believed()
    {
        using var ours = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var theirs = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, ours.ExportSubjectPublicKeyInfoPem());
        await using var app = await StartAsync([new("Access:Jwt:Issuer", "me"), new("Access:Jwt:Audience", "millrace"), new("Access:Jwt:PublicKeyFile", file)]);

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/read", Token(ours, "me", "millrace", AccessRoles.Read)));
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(app, "/operate", Token(ours, "me", "millrace", AccessRoles.Read)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(theirs, "me", "millrace", AccessRoles.Read)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(ours, "you", "millrace", AccessRoles.Read)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", Token(ours, "me", "others", AccessRoles.Read)));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJtZSIsImF1ZCI6Im1pbGxyYWNlIiwicm9sZXMiOiJyZWFkIn0."));
        File.Delete(file);
    }

    private static string Token(ECDsa key, string issuer, string audience, string role) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = issuer,
        Audience = audience,
        Subject = new ClaimsIdentity([new Claim("sub", "tester"), new Claim("roles", role)]),
        Expires = DateTime.UtcNow.AddMinutes(5),
        SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256),
    });

    private static IEnumerable<KeyValuePair<string, string?>> KeySettings(int index, string role, ApiKey key) =>
    [
        new($"Access:Keys:{index}:Name", role), new($"Access:Keys:{index}:Sha256", key.Sha256), new($"Access:Keys:{index}:Roles:0", role),
    ];

    private static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection([new("Hosting:Port", "0"), new("Observability:Console", "false")]).AddInMemoryCollection(settings);
        builder.AddMillraceHosting("tests");
        var app = builder.Build();
        app.UseMillraceHosting();
        app.MapGet("/read", () => "read");
        app.MapGet("/v1alpha1/read", () => "read");
        app.MapGet("/ingest", () => "ingest").RequireAuthorization(AccessRoles.Ingest);
        app.MapGet("/operate", () => "operate").RequireAuthorization(AccessRoles.Operate);
        return app;
    }

    private static async Task<WebApplication> StartAsync(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var app = Build(settings);
        await app.StartAsync();
        return app;
    }

    private static async Task<HttpStatusCode> CallAsync(WebApplication app, string path, string? key)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await client.GetAsync(path);
        return response.StatusCode;
    }
}

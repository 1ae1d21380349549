using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Millrace.Contracts;
using Millrace.Hosting.Access;

namespace Millrace.Hosting.Tests;

/// <summary>A web host with a route for each role.</summary>
internal static class TestHost
{
    public static IEnumerable<KeyValuePair<string, string?>> KeySettings(int index, string role, ApiKey key) =>
    [
        new($"Access:Keys:{index}:Name", $"{role}-{index}"), new($"Access:Keys:{index}:Sha256", key.Sha256), new($"Access:Keys:{index}:Roles:0", role),
    ];

    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings)
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
        app.MapPost("/change", () => "changed").RequireAuthorization(AccessRoles.Operate);
        return app;
    }

    public static async Task<WebApplication> StartAsync(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var app = Build(settings);
        await app.StartAsync();
        return app;
    }

    public static async Task<HttpStatusCode> CallAsync(WebApplication app, string path, string? key) => (await AskAsync(app, path, key)).StatusCode;

    public static async Task<HttpResponseMessage> AskAsync(WebApplication app, string path, string? key)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await client.GetAsync(path);
    }
}

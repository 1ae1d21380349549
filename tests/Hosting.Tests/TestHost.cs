using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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

    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings, Action<WebApplicationBuilder>? add = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection([new("Hosting:Port", "0"), new("Observability:Console", "false")]).AddInMemoryCollection(settings);
        add?.Invoke(builder);
        builder.AddMillraceHosting("tests");
        var app = builder.Build();
        app.UseMillraceHosting();
        app.MapGet("/read", () => "read");
        app.MapGet("/v1alpha1/read", () => "read");
        app.MapGet("/ingest", () => "ingest").RequireAuthorization(AccessRoles.Ingest);
        app.MapGet("/operate", () => "operate").RequireAuthorization(AccessRoles.Operate);
        app.MapPost("/change", () => "changed").RequireAuthorization(AccessRoles.Operate);
        app.MapGet("/checked-inside", () => Results.StatusCode(StatusCodes.Status403Forbidden)).AllowAnonymous();
        app.MapGet("/wait", WaitAsync).WithMetadata(new LongCall("wait"));
        app.MapPost("/body", TakeAsync);
        app.MapPost("/v1alpha1/body", (HttpContext context) => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted)).AllowAnonymous();
        return app;
    }

    public static async Task<WebApplication> StartAsync(IEnumerable<KeyValuePair<string, string?>> settings, Action<WebApplicationBuilder>? add = null)
    {
        var app = Build(settings, add);
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

    /// <summary>Answers at once that the call was let in, and ends with it if it waits.</summary>
    private static async Task WaitAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync();
        if (context.Request.Query.ContainsKey("wait"))
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Answers at once that the body is being taken, and ends when all of it is there.</summary>
    private static async Task TakeAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync();
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using Millrace.WorkflowManager.Suite;
using Millrace.WorkflowManager.Tests.Api;

namespace Millrace.WorkflowManager.Tests.Suite;

/// <summary>Services in processes of their own, asked through a manager that knows its callers.</summary>
public sealed class ServiceDirectoryTests
{
    private const string Drift = "drift-monitor";

    private static readonly Dictionary<string, ApiKey> Keys = AccessRoles.All.ToDictionary(role => role, _ => ApiKey.Create());

    [Fact]
    public async Task A_reader_reads_a_services_own_routes_with_the_key_that_came()
    {
        await using var peer = await FakePeer.StartAsync(context => context.Response.WriteAsJsonAsync(new { path = context.Request.Path.Value }));
        await using var host = await StartAsync(new ServiceEntry { Name = Drift, Url = peer.Url });
        var bearer = "Bearer " + Keys[AccessRoles.Read].Text;

        Assert.Equal("/api/drift", await PathOfAsync(host, "/api/drift"));
        Assert.Equal("/api/drift/embedding@a b/statistic.svg", await PathOfAsync(host, "/api/drift/embedding@a%20b/statistic.svg"));
        Assert.Equal("/health/ready", await PathOfAsync(host, $"/api/services/{Drift}/health/ready"));
        Assert.Equal("/api/drift/x", await PathOfAsync(host, $"/api/services/{Drift}/api/drift/x?last=3"));

        Assert.Contains(("GET /api/drift/x?last=3", bearer, ""), peer.Calls);
        Assert.All(peer.Calls, call => Assert.Equal(bearer, call.Authorization));
    }

    [Fact]
    public async Task A_key_of_the_directorys_own_goes_instead_of_the_callers()
    {
        await using var peer = await FakePeer.StartAsync(context => context.Response.WriteAsync("{}"));
        await using var host = await StartAsync(new ServiceEntry { Name = Drift, Url = peer.Url, Key = "own" });

        Assert.Equal(HttpStatusCode.OK, (await CallAsync(host, AccessRoles.Read, HttpMethod.Get, "/api/drift")).Status);

        Assert.Equal(("GET /api/drift", "Bearer own", ""), Assert.Single(peer.Calls));
    }

    [Fact]
    public async Task Only_an_operator_may_tell_a_service_to_do_something()
    {
        await using var peer = await FakePeer.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await using var host = await StartAsync(new ServiceEntry { Name = Drift, Url = peer.Url });
        const string Command = "/api/drift/embedding/reference";

        Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(host, null, HttpMethod.Post, Command)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync(host, AccessRoles.Read, HttpMethod.Post, Command)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync(host, AccessRoles.Read, HttpMethod.Post, $"/api/services/{Drift}{Command}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync(host, AccessRoles.Ingest, HttpMethod.Get, "/api/drift")).Status);
        Assert.Empty(peer.Calls);

        Assert.Equal(HttpStatusCode.NoContent, (await CallAsync(host, AccessRoles.Operate, HttpMethod.Post, Command)).Status);
        Assert.Equal("POST " + Command, Assert.Single(peer.Calls).Call);
    }

    [Theory]
    [InlineData("GET", $"/api/services/{Drift}/api/workflows")]
    [InlineData("GET", $"/api/services/{Drift}/api/drifting")]
    [InlineData("GET", $"/api/services/{Drift}//127.0.0.1:1/api/drift")]
    [InlineData("GET", $"/api/services/{Drift}/api/drift/%252e%252e/workflows")]
    [InlineData("GET", "/api/drift/%252e%252e/workflows")]
    [InlineData("POST", $"/api/services/{Drift}/health/ready")]
    [InlineData("POST", "/api/drift/embedding")]
    [InlineData("GET", "/api/services/unheard-of/health/ready")]
    [InlineData("GET", "/api/services/unheard-of/%2500")]
    [InlineData("GET", $"/api/services/{Drift}/metrics%2500")]
    [InlineData("GET", "/api/classifier")]
    public async Task What_is_not_allowed_is_not_asked(string method, string path)
    {
        await using var peer = await FakePeer.StartAsync(context => context.Response.WriteAsync("{}"));
        await using var host = await StartAsync(new ServiceEntry { Name = Drift, Url = peer.Url });

        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(host, AccessRoles.Operate, new HttpMethod(method), path)).Status);

        Assert.Empty(peer.Calls);
    }

    [Fact]
    public async Task A_service_that_is_away_late_too_long_or_of_other_keys_is_a_bad_gateway_that_says_so()
    {
        var away = new ServiceEntry { Name = Drift, Url = "http://127.0.0.1:1" };
        await using var peer = await FakePeer.StartAsync(context => context.Request.Path.Value switch
        {
            "/api/drift/late" => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "/api/drift/long" => context.Response.WriteAsync(new string('x', 5_000)),
            _ => Refuse(context),
        });
        await using var without = await StartAsync(away);
        await using var host = await StartAsync(away with { Url = peer.Url });
        await using var hasty = await StartAsync(100, away with { Url = peer.Url });

        await ExpectAsync(without, "/api/drift", "service-unreachable");
        await ExpectAsync(hasty, "/api/drift/late", "service-unreachable");
        await ExpectAsync(host, "/api/drift/long", "service-unreachable");
        await ExpectAsync(host, "/api/drift", "service-refuses-key");

        static Task Refuse(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_redirect_leads_nowhere()
    {
        await using var other = await FakePeer.StartAsync(context => context.Response.WriteAsync("{}"));
        await using var peer = await FakePeer.StartAsync(context =>
        {
            context.Response.Redirect(other.Url);
            return Task.CompletedTask;
        });
        await using var host = await StartAsync(new ServiceEntry { Name = Drift, Url = peer.Url });

        Assert.Equal(HttpStatusCode.Redirect, (await CallAsync(host, AccessRoles.Read, HttpMethod.Get, "/api/drift")).Status);

        Assert.Empty(other.Calls);
    }

    [Fact]
    public async Task The_list_shows_each_services_version_and_whether_it_is_ready()
    {
        await using var peer = await FakePeer.StartAsync(context => context.Response.WriteAsJsonAsync(new { status = "Healthy", version = "1.2.3+abc" }));
        await using var host = await StartAsync(
            new ServiceEntry { Name = Drift, Url = peer.Url }, new ServiceEntry { Name = "gpu-embedding", Url = "http://127.0.0.1:1" });

        var items = (await CallAsync(host, AccessRoles.Read, HttpMethod.Get, "/api/services")).Body!["items"]!.AsArray();

        Assert.Equal(
            [("workflow-manager", true), (Drift, true), ("gpu-embedding", false)],
            items.Select(item => (item!["name"]!.ToString(), (bool)item["ready"]!)));
        Assert.Equal("1.2.3+abc", items[1]!["version"]!.ToString());
        Assert.Equal($"/api/services/{Drift}/api/drift", items[1]!["endpoints"]!.AsArray()[^1]!.ToString());
        Assert.All(peer.Calls, call => Assert.Equal(("Bearer " + Keys[AccessRoles.Read].Text, ""), (call.Authorization, call.ApiKey)));
    }

    [Fact]
    public void Entries_that_lead_nowhere_are_all_refused_at_start()
    {
        var options = new ServiceDirectoryOptions
        {
            InProcess = ["workflow-manager"],
            Services = [new() { Name = "workflow-manager" }, new() { Name = Drift }, new() { Name = "other", Url = "ftp://127.0.0.1" }, new() { Url = "http://127.0.0.1" }],
        };

        Assert.Equal(3, options.Check().Count());
    }

    private static Task<ApiHost> StartAsync(params ServiceEntry[] services) => StartAsync(60_000, services);

    private static Task<ApiHost> StartAsync(int timeoutMs, params ServiceEntry[] services) => ApiHost.StartAsync(
        new WorkflowManagerOptions(),
        directory: new ServiceDirectoryOptions { InProcess = ["workflow-manager"], Services = services, TimeoutMs = timeoutMs, MaxAnswerBytes = 2_000 },
        settings: Keys.SelectMany((key, index) => new Dictionary<string, string?>
        {
            [$"Access:Keys:{index}:Name"] = key.Key,
            [$"Access:Keys:{index}:Sha256"] = key.Value.Sha256,
            [$"Access:Keys:{index}:Roles:0"] = key.Key,
        }));

    private static async Task<string> PathOfAsync(ApiHost host, string path) =>
        (await CallAsync(host, AccessRoles.Read, HttpMethod.Get, path)).Body!["path"]!.ToString();

    private static async Task ExpectAsync(ApiHost host, string path, string code)
    {
        var (status, body) = await CallAsync(host, AccessRoles.Read, HttpMethod.Get, path);
        Assert.Equal((HttpStatusCode.BadGateway, "urn:millrace:" + code), (status, body!["type"]!.ToString()));
    }

    private static async Task<(HttpStatusCode Status, JsonNode? Body)> CallAsync(ApiHost host, string? role, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        if (role is not null)
            request.Headers.Authorization = new("Bearer", Keys[role].Text);
        using var response = await host.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null);
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using static Millrace.Hosting.Tests.TestHost;

namespace Millrace.Hosting.Tests;

/// <summary>What a web page of somebody else can do to a host that asks for no key.</summary>
public sealed class BrowserGuardTests
{
    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("LOCALHOST:1234", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:8080", HttpStatusCode.OK)]
    [InlineData("[::1]:8080", HttpStatusCode.OK)]
    [InlineData("rebound.example.org", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost.example.org:8080", HttpStatusCode.MisdirectedRequest)]
    [InlineData("10.0.0.7", HttpStatusCode.MisdirectedRequest)]
    [InlineData("mill.example.org:8080", HttpStatusCode.OK)]
    public async Task Without_keys_only_names_that_nobody_else_can_give_are_answered(string host, HttpStatusCode expected)
    {
        await using var app = await StartAsync([new("Hosting:AllowedHosts:0", "mill.example.org")]);

        Assert.Equal(expected, await SendAsync(app, HttpMethod.Get, "/read", ("Host", host)));
    }

    [Fact]
    public async Task Who_calls_by_a_strange_name_is_told_what_to_do()
    {
        await using var app = await StartAsync([]);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Host = "mill.example.org";

        using var answer = await client.GetAsync("/read");
        var problem = await answer.Content.ReadFromJsonAsync<JsonNode>();

        Assert.Equal("urn:millrace:unknown-host", (string?)problem!["type"]);
        Assert.Contains("Hosting:AllowedHosts", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.OK)]
    [InlineData(null, "same-origin", HttpStatusCode.OK)]
    [InlineData(null, "none", HttpStatusCode.OK)]
    [InlineData(null, "cross-site", HttpStatusCode.Forbidden)]
    [InlineData(null, "same-site", HttpStatusCode.Forbidden)]
    [InlineData("http://here", null, HttpStatusCode.OK)]
    [InlineData("http://evil.example.org", null, HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:3000", null, HttpStatusCode.Forbidden)]
    [InlineData("null", null, HttpStatusCode.Forbidden)]
    [InlineData("http://evil.example.org", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("https://mill.example.org", "same-origin", HttpStatusCode.OK)]
    [InlineData("https://mill.example.org", null, HttpStatusCode.OK)]
    public async Task Without_keys_only_pages_of_our_own_may_change_something(string? origin, string? site, HttpStatusCode expected)
    {
        await using var app = await StartAsync([new("Hosting:AllowedHosts:0", "mill.example.org")]);
        var page = origin == "http://here" ? app.Urls.First() : origin;

        Assert.Equal(expected, await SendAsync(app, HttpMethod.Post, "/change", ("Origin", page), ("Sec-Fetch-Site", site)));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(app, HttpMethod.Get, "/read", ("Origin", page), ("Sec-Fetch-Site", site)));
    }

    [Theory]
    [InlineData("anything.example.org", null, HttpStatusCode.OK)]
    [InlineData("anything.example.org", "mill.example.org", HttpStatusCode.MisdirectedRequest)]
    [InlineData("mill.example.org", "mill.example.org", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "mill.example.org", HttpStatusCode.OK)]
    public async Task With_keys_any_name_is_answered_unless_some_are_named(string host, string? allowed, HttpStatusCode expected)
    {
        var key = ApiKey.Create();
        await using var app = await StartAsync([.. KeySettings(0, AccessRoles.Operate, key), .. allowed is null ? Array.Empty<KeyValuePair<string, string?>>() : [new("Hosting:AllowedHosts:0", allowed)]]);

        Assert.Equal(expected, await SendAsync(
            app, HttpMethod.Post, "/change", ("Host", host), ("X-Api-Key", key.Text), ("Origin", "https://behind-a-proxy.example.org")));
    }

    [Theory]
    [InlineData("http://mill.example.org")]
    [InlineData("mill.example.org:8080")]
    public void A_name_with_more_than_a_name_is_refused_at_start(string name)
    {
        var error = Assert.Throws<ConfigurationException>(() => Build([new("Hosting:AllowedHosts:0", name)]));

        Assert.StartsWith("Hosting:AllowedHosts", Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> SendAsync(WebApplication app, HttpMethod method, string path, params (string Name, string? Value)[] headers)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            if (value is not null)
                request.Headers.TryAddWithoutValidation(name, value);
        }
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }
}

using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Hosting.Access;

namespace Millrace.Hosting.Tests;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("/nowhere", false, 404)]
    [InlineData("/openapi/v2.json", false, 404)]
    [InlineData("/read", true, 401)]
    public async Task A_refusal_is_problem_details_whatever_the_caller_would_rather_read(string path, bool hasKeys, int status)
    {
        await using var app = await TestHost.StartAsync(hasKeys ? TestHost.KeySettings(0, AccessRoles.Read, ApiKey.Create()) : []);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        using var answer = await client.GetAsync(path);

        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal(status, (int?)(await answer.Content.ReadFromJsonAsync<JsonNode>())?["status"]);
    }

    [Theory]
    [InlineData("/v1alpha1/nowhere", false, 404, "NOT_FOUND")]
    [InlineData("/v1alpha1/read", true, 401, "UNAUTHENTICATED")]
    public async Task On_Perspectives_routes_a_refusal_is_in_Googles_form(string path, bool hasKeys, int status, string name)
    {
        await using var app = await TestHost.StartAsync(hasKeys ? TestHost.KeySettings(0, AccessRoles.Read, ApiKey.Create()) : []);

        await AssertGoogleAsync(await TestHost.AskAsync(app, path, null), status, name);
    }

    [Fact]
    public async Task There_too_many_calls_are_told_as_Google_tells_them()
    {
        var key = ApiKey.Create();
        await using var app = await TestHost.StartAsync([.. TestHost.KeySettings(0, AccessRoles.Read, key), new("Access:CallsPerSecondPerKey", "1")]);
        var answer = await TestHost.AskAsync(app, "/v1alpha1/read", key.Text);
        for (var call = 0; call < 50 && answer.IsSuccessStatusCode; call++)
            answer = await TestHost.AskAsync(app, "/v1alpha1/read", key.Text);

        Assert.NotNull(answer.Headers.RetryAfter);
        await AssertGoogleAsync(answer, 429, "RESOURCE_EXHAUSTED");
    }

    [Fact]
    public async Task There_a_body_that_is_too_large_is_told_as_Google_tells_it()
    {
        await using var app = await TestHost.StartAsync([new("Hosting:MaxBodyBytes", "1024")]);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        await AssertGoogleAsync(await client.PostAsync("/v1alpha1/body", new ByteArrayContent(new byte[1025])), 413, "INVALID_ARGUMENT");
    }

    [Theory]
    [InlineData("Host", "elsewhere.example", 421, "FAILED_PRECONDITION")]
    [InlineData("Origin", "https://elsewhere.example", 403, "PERMISSION_DENIED")]
    public async Task There_what_a_page_of_others_asks_is_told_as_Google_tells_it(string header, string value, int status, string name)
    {
        await using var app = await TestHost.StartAsync([]);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Add(header, value);

        await AssertGoogleAsync(await client.PostAsync("/v1alpha1/body", new ByteArrayContent([])), status, name);
    }

    private static async Task AssertGoogleAsync(HttpResponseMessage answer, int status, string name)
    {
        var error = (await answer.Content.ReadFromJsonAsync<JsonNode>())!["error"]!;
        Assert.Equal((status, status, name), ((int)answer.StatusCode, (int)error["code"]!, (string)error["status"]!));
        Assert.NotEmpty((string)error["message"]!);
        answer.Dispose();
    }
}

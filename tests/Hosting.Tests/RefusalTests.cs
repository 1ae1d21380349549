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
}

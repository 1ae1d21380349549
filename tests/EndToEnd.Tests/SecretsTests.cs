using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Testing;
using RabbitMQ.Client;

namespace Millrace.EndToEnd.Tests;

/// <summary>On good days and bad ones, and told to log all it can, the suite tells nobody a key, a password or a post's text.</summary>
public sealed class SecretsTests(SecretsFixture suite) : IClassFixture<SecretsFixture>
{
    private const string Workflow = "enrich-post";
    private const string Requests = $"api/workflows/{Workflow}/requests";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly List<string> _submitted = [];

    [Fact]
    public async Task Whatever_happens_no_secret_and_no_text_of_a_post_is_told()
    {
        await CompleteAsync(await SubmitAsync("A quiet afternoon at the library, with tea."));
        await CallWithKeysAsync();
        await SendNonsenseAsync();
        await BreakServersAsync();
        await BreakPerspectiveAsync();
        await LookAtEverythingAsync();
        await suite.StartInVainAsync(SecretsFixture.Mistype(suite.BrokerUrl), "memory:");
        await suite.StartInVainAsync("memory:", SecretsFixture.Mistype(suite.Postgres.Url()));

        var told = await suite.ToldAsync();

        Assert.All(told.Values, text => Assert.NotEmpty(text));
        Assert.Contains("check user, password and virtual host", told["refused starts"], StringComparison.Ordinal);
        Assert.Contains("refuses every call", told["log files"], StringComparison.Ordinal);
        Assert.Contains("request enrich-post", told["Seq's log lines and traces"], StringComparison.Ordinal);
        var leaks = told.SelectMany(place => suite.Secrets.SelectMany(secret => Leaks(place.Key, place.Value, secret)))
            .Concat(suite.Credentials.SelectMany(secret => Leaks("answers", suite.Answers, secret))).ToList();
        Assert.True(leaks.Count == 0, string.Join("\n\n", leaks));
    }

    /// <summary>In headers and in the address, right and mistyped.</summary>
    private async Task CallWithKeysAsync()
    {
        const string Analyze = "v1alpha1/comments:analyze?key=";
        var comment = JsonSerializer.Serialize(
            new { comment = new { text = Text("You are a wonderful neighbour.") }, requestedAttributes = new { TOXICITY = new { } } });
        using var client = suite.Connect();
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(Analyze + suite.ApiKey, comment)).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await client.PostAsync(Analyze + SecretsFixture.WrongSecret, comment)).Status);
        client.Http.DefaultRequestHeaders.Authorization = new("Bearer", suite.Token);
        Assert.Equal(HttpStatusCode.OK, (await client.TryGetAsync("api/requests")).Status);
        client.Http.DefaultRequestHeaders.Authorization = new("Bearer", suite.WrongToken);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.TryGetAsync("api/requests")).Status);
        client.Http.DefaultRequestHeaders.Authorization = new("Bearer", SecretsFixture.WrongSecret);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.TryGetAsync("api/requests")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsync(Requests, Post("Nobody should take this one."))).Status);
    }

    private async Task SendNonsenseAsync()
    {
        var torn = Post("This sentence has no end.")[..^2];
        Assert.Equal(HttpStatusCode.BadRequest, (await suite.Manager.PostAsync(Requests, torn)).Status);
        await using var connection = await new ConnectionFactory { Uri = new Uri(suite.BrokerUrl) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var (exchange, routingKey) in new[] { ("ingest", Workflow), ("", "preprocessing") })
            await channel.BasicPublishAsync(exchange, routingKey, Encoding.UTF8.GetBytes(torn));
        await ManagerClient.EventuallyAsync(
            async () => (await suite.Manager.GetAsync("api/dead-letters"))["items"]!.AsArray().Count == 2,
            Limit, () => Task.FromResult("nonsense is no dead letter"));
    }

    private async Task BreakServersAsync()
    {
        await suite.Broker.StopAsync();
        var meanwhile = await SubmitAsync("Yesterday the bakery sold warm bread until noon.");
        await suite.Broker.StartServerAsync();
        await suite.Postgres.StopAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await suite.Manager.PostAsync(Requests, Post("Where would it be kept?"))).Status);
        await suite.Postgres.StartServerAsync();
        await ManagerClient.EventuallyAsync(
            async () => (await suite.Manager.TryGetAsync($"api/requests/{meanwhile}")).Status == HttpStatusCode.OK,
            Limit, () => Task.FromResult("the suite has not come back"));
        await CompleteAsync(meanwhile);
    }

    /// <summary>A refused key comes last: nothing is asked for a minute after it.</summary>
    private async Task BreakPerspectiveAsync()
    {
        suite.Perspective.Force(500);
        var failing = await SubmitAsync("My brother repairs bicycles behind the station.");
        await UntilClassifyAsync(failing, "retrying");
        suite.Perspective.Force(0);
        await CompleteAsync(failing);
        suite.Perspective.Force(403);
        await UntilClassifyAsync(await SubmitAsync("Seven geese crossed the frozen river at dawn."), "throttled");
    }

    /// <summary>What a reader can see of all that has happened.</summary>
    private async Task LookAtEverythingAsync()
    {
        foreach (var id in _submitted)
        {
            await suite.Manager.GetAsync($"api/requests/{id}");
            await suite.Manager.GetAsync($"api/requests/{id}/timeline");
        }
        foreach (var path in new[] { "api/requests", "api/dead-letters", "api/workflows", "api/counts", "api/services", "api/classifier", "api/services/faraway/health/ready", "health/ready" })
            await suite.Manager.TryGetAsync(path);
    }

    private async Task UntilClassifyAsync(string id, string status)
    {
        JsonNode? request = null;
        await ManagerClient.EventuallyAsync(async () =>
        {
            request = await suite.Manager.GetAsync($"api/requests/{id}");
            return request["steps"]!.AsArray().Any(step => step!["name"]!.ToString() == "classify" && step["status"]!.ToString() == status);
        }, Limit, () => Task.FromResult(request!.ToJsonString()));
    }

    private async Task CompleteAsync(string id) => Assert.Equal("completed", (await suite.Manager.FinishedAsync(id))["status"]!.ToString());

    private async Task<string> SubmitAsync(string sentence)
    {
        var id = (await suite.Manager.SubmitAsync(Workflow, Post(sentence)))[0];
        _submitted.Add(id);
        return id;
    }

    private static string Post(string sentence) => JsonSerializer.Serialize(new { uri = $"post:{sentence.Length}", text = Text(sentence) });

    private static string Text(string sentence) => $"{SecretsFixture.TextMarker}: {sentence}";

    private static IEnumerable<string> Leaks(string place, string told, string secret)
    {
        var at = told.IndexOf(secret, StringComparison.Ordinal);
        return at < 0 ? [] : [$"{secret} in {place}: {told[Math.Max(0, at - 300)..Math.Min(told.Length, at + 100)]}"];
    }
}

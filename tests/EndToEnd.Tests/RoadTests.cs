using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Testing;
using RabbitMQ.Client;

namespace Millrace.EndToEnd.Tests;

/// <summary>Posts walk the whole road: real broker, real store, real models, foreign clients and a foreign worker.</summary>
public sealed class RoadTests(RoadFixture road) : IClassFixture<RoadFixture>
{
    private const string Workflow = "enrich-post";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Three_hundred_real_posts_are_scored_and_embedded_unless_they_are_not_kept()
    {
        var feeds = Path.Combine(Repository.SharedData, "bluesky-feeds");
        Assert.SkipUnless(Directory.Exists(feeds), "The real feeds are not beside this checkout.");
        var files = Directory.GetFiles(feeds, "*.json").Order().ToArray();
        using var folder = new TemporaryFolder("ingest");

        var (code, output, error) = await MillraceProcess.RunAsync(["ingest", .. files, "--broker", road.Broker.Url, "--json"], folder.Path);

        Assert.True(code == 0, output + error);
        var sent = (int)JsonNode.Parse(output)!["sent"]!;
        Assert.Equal(300, sent);
        var requests = await FinishedWithKeyAsync("at://", expected: await DistinctUrisAsync(files));
        Assert.All(requests, AssertEnriched);
        Assert.InRange(requests.Count(request => IsUnlabelled(request["result"]!)), 0, requests.Count / 20);
    }

    [Fact]
    public async Task A_post_published_twice_by_amqp_publish_is_one_request()
    {
        for (var i = 0; i < 2; i++)
            await AmqpPublishAsync(Workflow, """{"uri":"twice","text":"hello from a foreign client"}""");

        var request = await FindAsync("twice");

        Assert.Equal("completed", (await road.Manager.FinishedAsync(request["id"]!.ToString()))["status"]!.ToString());
        Assert.Single((await road.Manager.GetAsync("api/requests?key=twice"))["items"]!.AsArray());
    }

    [Fact]
    public async Task The_same_key_with_another_payload_is_a_conflict_and_changes_nothing()
    {
        await AmqpPublishAsync(Workflow, """{"uri":"conflict","text":"the first text"}""");
        var id = (await FindAsync("conflict"))["id"]!.ToString();
        await AmqpPublishAsync(Workflow, """{"uri":"conflict","text":"another text"}""");

        await ManagerClient.EventuallyAsync(
            async () => (await KindsAsync(id)).Contains("conflict"), Limit, async () => string.Join(",", await KindsAsync(id)));

        Assert.Equal("the first text", (await road.Manager.FinishedAsync(id))["input"]!["text"]!.ToString());
    }

    [Theory]
    [InlineData("plain", "completed", null)]
    [InlineData("answer twice", "completed", null)]
    [InlineData("fail for good", "failed", "bad_text")]
    [InlineData("never answer", "failed", null)]
    [InlineData("answer nonsense", "failed", null)]
    public async Task A_worker_in_Python_serves_a_step_and_its_faults_end_the_request_with_a_reason(string text, string status, string? error)
    {
        var ids = await road.Manager.SubmitAsync("shout-post", JsonSerializer.Serialize(new { uri = "shout " + text, text }));

        var request = await road.Manager.FinishedAsync(ids[0]);

        Assert.Equal(status, request["status"]!.ToString());
        var step = request["steps"]![0]!;
        if (status == "completed")
            Assert.Equal(text.ToUpperInvariant(), request["result"]!["shouted"]!.ToString());
        else
            Assert.NotEmpty(step["error"]!["message"]!.ToString());
        if (error is not null)
            Assert.Equal(error, step["error"]!["type"]!.ToString());
    }

    [Theory]
    [InlineData("{broken", Workflow)]
    [InlineData("7", Workflow)]
    [InlineData("""{"uri":"u","text":"t"}""", "no-such-workflow")]
    public async Task What_cannot_be_taken_lies_whole_in_dead_letter_with_its_reason(string body, string workflow)
    {
        await AmqpPublishAsync(workflow, body);

        Assert.NotEmpty(await DeadLetterReasonAsync(body));
    }

    [Fact]
    public async Task A_text_of_two_megabytes_is_refused_clearly_on_both_doors()
    {
        var post = JsonSerializer.Serialize(new { uri = "large", text = new string('x', 2 * 1024 * 1024) });

        await AmqpPublishAsync(Workflow, post);
        var (status, problem) = await road.Manager.PostAsync($"api/workflows/{Workflow}/requests", post);

        Assert.NotEmpty(await DeadLetterReasonAsync(post));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.NotEmpty(problem!["detail"]!.ToString());
    }

    [Fact]
    public async Task An_empty_text_is_a_verdict_and_no_error()
    {
        var ids = await road.Manager.SubmitAsync(Workflow, """{"uri":"empty","text":""}""");

        var request = await road.Manager.FinishedAsync(ids[0]);

        Assert.Equal("completed", request["status"]!.ToString());
        Assert.False((bool)request["result"]!["keep"]!);
    }

    [Theory]
    [InlineData("GET", "api/requests/6f1a3c1e-0000-4000-8000-000000000000", HttpStatusCode.NotFound)]
    [InlineData("GET", "api/requests/not-an-id", HttpStatusCode.NotFound)]
    [InlineData("GET", "api/requests?limit=100000", HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/requests?after=rubbish", HttpStatusCode.BadRequest)]
    [InlineData("GET", "api/workflows/none", HttpStatusCode.NotFound)]
    [InlineData("POST", "api/workflows/none/requests", HttpStatusCode.NotFound)]
    public async Task Errors_are_problem_details(string method, string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");

        using var response = await road.Manager.Http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_suite_describes_its_routes_and_is_ready()
    {
        Assert.Equal("Healthy", (await road.Manager.GetAsync("health/ready"))["status"]!.ToString());
        var paths = (await road.Manager.GetAsync("openapi/v1.json"))["paths"]!.AsObject().Select(path => path.Key).ToArray();
        Assert.Contains("/api/requests/{id}", paths);
        Assert.Contains("/v1/embeddings", paths);
        Assert.Contains(paths, path => path.Contains("comments:analyze", StringComparison.Ordinal));
    }

    private static void AssertEnriched(JsonNode request)
    {
        Assert.Equal("completed", request["status"]!.ToString());
        var result = request["result"]!;
        // A post that is not kept skips both steps, so its result is what preprocessing said of it.
        if (result["keep"] is { } keep && !(bool)keep)
            return;
        // The model that ships reads English, and a few of the feeds' posts do not look it.
        if (!IsUnlabelled(result))
            Assert.NotNull(result["scores"]?["TOXICITY"]);
        Assert.NotNull(result["embedding"]);
        Assert.NotEmpty(result["modelRevision"]!.ToString());
    }

    private static bool IsUnlabelled(JsonNode result) =>
        result["reason"]?.ToString().StartsWith("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", StringComparison.Ordinal) == true;

    private async Task<List<JsonNode>> FinishedWithKeyAsync(string prefix, int expected)
    {
        var ids = new List<string>();
        await ManagerClient.EventuallyAsync(
            async () =>
            {
                var items = (await road.Manager.GetAsync($"api/requests?workflow={Workflow}&limit=1000"))["items"]!.AsArray();
                ids = [.. items.Where(item => item!["key"]!.ToString().StartsWith(prefix, StringComparison.Ordinal)).Select(item => item!["id"]!.ToString())];
                return ids.Count == expected;
            },
            Limit, () => Task.FromResult($"{ids.Count} of {expected} requests are there"));
        var requests = new List<JsonNode>();
        foreach (var id in ids)
        {
            requests.Add(await road.Manager.FinishedAsync(id));
            Assert.Contains("accepted", await KindsAsync(id));
        }
        return requests;
    }

    private static async Task<int> DistinctUrisAsync(string[] files)
    {
        var uris = new HashSet<string>();
        foreach (var file in files)
        {
            foreach (var item in JsonNode.Parse(await File.ReadAllTextAsync(file))!["feed"]!.AsArray())
                uris.Add(item!["post"]!["uri"]!.ToString());
        }
        return uris.Count;
    }

    private async Task<JsonNode> FindAsync(string key)
    {
        JsonNode? found = null;
        await ManagerClient.EventuallyAsync(
            async () => (found = (await road.Manager.GetAsync("api/requests?key=" + key))["items"]!.AsArray().FirstOrDefault()) is not null,
            Limit, () => Task.FromResult($"no request has the key {key}"));
        return found!;
    }

    private async Task<string[]> KindsAsync(string id) =>
        [.. (await road.Manager.GetAsync($"api/requests/{id}/timeline"))["events"]!.AsArray().Select(item => item!["kind"]!.ToString())];

    private async Task AmqpPublishAsync(string routingKey, string body)
    {
        using var process = Process.Start(new ProcessStartInfo("amqp-publish", ["-u", road.Broker.Url, "-e", "ingest", "-r", routingKey]) { RedirectStandardInput = true })!;
        await process.StandardInput.WriteAsync(body);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Looks through the dead-letter queue for the message with this body, takes it and gives its reason; others go back.</summary>
    private async Task<string> DeadLetterReasonAsync(string body)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(road.Broker.Url) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var reason = "";
        await ManagerClient.EventuallyAsync(
            async () =>
            {
                var others = new List<ulong>();
                while (await channel.BasicGetAsync("dead-letter", autoAck: false) is { } message)
                {
                    if (Encoding.UTF8.GetString(message.Body.Span) != body)
                    {
                        others.Add(message.DeliveryTag);
                        continue;
                    }
                    await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
                    reason = message.BasicProperties.Headers!["reason"] is byte[] text ? Encoding.UTF8.GetString(text) : "";
                    break;
                }
                foreach (var tag in others)
                    await channel.BasicNackAsync(tag, multiple: false, requeue: true);
                return reason.Length > 0;
            },
            Limit, () => Task.FromResult("the message is not in dead-letter"));
        return reason;
    }
}

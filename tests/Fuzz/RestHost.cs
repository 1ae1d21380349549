using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Standalone;
using Millrace.Testing;

namespace Millrace.Fuzz.Tests;

/// <summary>
/// The whole suite behind its web server, with something to find at every address: requests in each state, detectors, dead letters, and
/// a service elsewhere, which is the suite itself.
/// </summary>
internal sealed class RestHost : IAsyncDisposable
{
    public const string Key = "fuzz-operate";
    public const string ElsewhereName = "elsewhere";

    private const string Workflows = """
        workflows:
          - name: chain
            key: uri
            steps: [ { name: a }, { name: b, depends: [ a ] } ]
          - name: fan
            key: uri
            steps: [ { name: all, task: per-item } ]
            tasks: [ { name: per-item, itemListKey: items, steps: [ { name: one } ] } ]
          - name: quick
            key: uri
            steps: [ { name: preprocess, queue: preprocessing } ]
        """;

    private readonly WebApplication _app;
    private readonly TemporaryFolder _folder;
    private readonly HttpClient _http;

    private RestHost(WebApplication app, TemporaryFolder folder, int port, bool hasKeys)
    {
        (_app, _folder, Port, HasKeys) = (app, folder, port, hasKeys);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Add("X-Api-Key", Key);
    }

    public int Port { get; }

    public bool HasKeys { get; }

    /// <summary>Ids for addresses: requests that run, that ended in each way, an item of a task, a dead letter, and one of nothing.</summary>
    public List<string> Ids { get; } = ["7f1d2c3b-0000-4000-8000-000000000001"];

    public IReadOnlyList<RouteEndpoint> Endpoints =>
        [.. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public static async Task<RestHost> StartAsync(bool hasKeys)
    {
        var folder = new TemporaryFolder("fuzz");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "fuzz.yaml"), Workflows);
        var port = FreePorts.Take(1)[0];
        var app = await StandaloneHost.CreateAsync(new StandaloneOptions(), Settings(folder.Path, port, hasKeys), CancellationToken.None);
        await app.StartAsync();
        var host = new RestHost(app, folder, port, hasKeys);
        await host.FillAsync();
        return host;
    }

    /// <summary>Good calls are still answered, whatever came before them.</summary>
    public async Task CheckAsync()
    {
        Assert.NotEmpty(await AcceptAsync("chain", """{"uri":"after it all"}"""));
        Assert.True((await _http.GetAsync("/health/live")).IsSuccessStatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static Dictionary<string, string?> Settings(string workflows, int port, bool hasKeys)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Manager:WorkflowsFolder"] = workflows,
            ["Hosting:Port"] = $"{port}",
            ["Observability:Console"] = "true",
            ["Observability:LogLevel"] = "Error",
            ["Directory:Services:0:Name"] = ElsewhereName,
            ["Directory:Services:0:Url"] = $"http://127.0.0.1:{port}",
            ["Drift:ReferencePosts"] = "50",
            ["Drift:WindowPosts"] = "50",
        };
        if (hasKeys)
        {
            settings["Access:Keys:0:Name"] = "operator";
            settings["Access:Keys:0:Sha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key)));
            settings["Access:Keys:0:Roles:0"] = AccessRoles.Operate;
            settings["Access:CallsPerSecondPerKey"] = "100000";
            settings["Access:CallsPerSecondPerAddress"] = "100000";
        }
        return settings;
    }

    private async Task FillAsync()
    {
        Ids.AddRange(await AcceptAsync("chain", """[{"uri":"1"},{"uri":"2"},{"uri":"3"}]"""));
        await _http.PostAsync($"/api/requests/{Ids[^1]}/cancel", null);
        var bus = _app.Services.GetRequiredService<IMessageBus>();
        await bus.SendAsync([Reply(Ids[^2], "a", """{"type":"bad","message":"no"}""")], CancellationToken.None);
        Ids.AddRange(await AcceptAsync("quick", """{"uri":"4","text":"This one is as good as any other."}"""));
        await _http.GetAsync($"/api/requests/{Ids[^1]}?wait=30s");
        Ids.AddRange(await AcceptAsync("fan", """{"uri":"5","items":[1,2]}"""));
        Ids.Add(RequestIds.ForChild(Guid.Parse(Ids[^1]), "all", 0).ToString());
        await bus.SendAsync([.. Enumerable.Range(0, 5).Select(Letter), .. Enumerable.Range(0, 120).Select(Result)], CancellationToken.None);
        var letters = JsonNode.Parse(await _http.GetStringAsync("/api/dead-letters"))!["items"]!.AsArray();
        Ids.AddRange(letters.Select(letter => (string)letter!["id"]!));
    }

    private async Task<IEnumerable<string>> AcceptAsync(string workflow, string posts)
    {
        using var answer = await _http.PostAsync($"/api/workflows/{workflow}/requests", new StringContent(posts, Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["ids"]!.AsArray().Select(id => (string)id!);
    }

    private static OutgoingMessage Reply(string id, string step, string error) => new(
        "", Wire.ReplyQueue, "{}"u8.ToArray(),
        new MessageProperties { CorrelationId = $"{id}:{step}", Headers = new Dictionary<string, string> { [Wire.ErrorHeader] = error } });

    private static OutgoingMessage Letter(int number) => new(
        "", Wire.DeadLetterQueue, Mutations.Noise(new Random(number)),
        new MessageProperties { Headers = new Dictionary<string, string> { [Wire.ReasonHeader] = $"reason {number}", ["first-routing-key"] = "nobody" } });

    private static OutgoingMessage Result(int number) => new(
        Wire.ResultsExchange, "quick.completed",
        Encoding.UTF8.GetBytes($$"""{"key":"post {{number}}","result":{"embedding":[1,{{number}}],"modelRevision":"r"} }"""), MessageProperties.Empty);
}

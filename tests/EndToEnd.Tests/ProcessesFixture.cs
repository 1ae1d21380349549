using System.Text.Json.Nodes;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>A manager and a drift monitor in processes of their own, both with the same two keys, as compose and Kubernetes run them.</summary>
public sealed class ProcessesFixture : IAsyncLifetime
{
    private readonly List<MillraceProcess> _processes = [];

    public string Url { get; private set; } = "";

    /// <summary>A key that may read.</summary>
    public string Reader { get; private set; } = "";

    /// <summary>A key that may do everything.</summary>
    public string Operator { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var (reader, readerHash) = await MakeKeyAsync("reader", "read");
        var (@operator, operatorHash) = await MakeKeyAsync("operator", "operate");
        (Reader, Operator) = (reader, @operator);
        var keys = new Dictionary<string, string>
        {
            ["Access__Keys__0__Name"] = "reader",
            ["Access__Keys__0__Sha256"] = readerHash,
            ["Access__Keys__0__Roles__0"] = "read",
            ["Access__Keys__1__Name"] = "operator",
            ["Access__Keys__1__Sha256"] = operatorHash,
            ["Access__Keys__1__Roles__0"] = "operate",
        };
        var drift = await StartAsync(keys, "drift-monitor");
        keys["Directory__Services__0__Name"] = "drift-monitor";
        keys["Directory__Services__0__Url"] = drift.Url;
        Url = (await StartAsync(keys, "workflow-manager")).Url;
    }

    public ManagerClient ClientWith(string? key)
    {
        var client = new ManagerClient(Url);
        if (key is not null)
            client.Http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
    }

    /// <summary>Each has a bus and a store of its own: what they say to each other here goes over REST alone.</summary>
    private async Task<MillraceProcess> StartAsync(IReadOnlyDictionary<string, string> environment, string service)
    {
        var process = await MillraceProcess.ServeAsync(environment, "run", service, "--broker", "memory:", "--store", "memory:");
        _processes.Add(process);
        return process;
    }

    private static async Task<(string Key, string Hash)> MakeKeyAsync(string name, string role)
    {
        var made = JsonNode.Parse((await MillraceProcess.RunAsync(["key", name, "--role", role, "--json"])).Output)!;
        return (made["key"]!.ToString(), made["configuration"]!["sha256"]!.ToString());
    }
}

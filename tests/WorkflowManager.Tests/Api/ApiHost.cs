using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Hosting;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Suite;

namespace Millrace.WorkflowManager.Tests.Api;

/// <summary>The manager behind a real web server on a free port, over a bus and a store in memory.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IMillraceStore _store;

    private ApiHost(WebApplication app, IMillraceStore store)
    {
        (_app, _store) = (app, store);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
    }

    public HttpClient Http { get; }

    public IMillraceStore Store => _store;

    public IMessageBus Bus => _app.Services.GetRequiredService<IMessageBus>();

    public static Task<ApiHost> StartAsync(params WorkflowDefinition[] workflows) =>
        StartAsync(new WorkflowManagerOptions { Workflows = workflows });

    /// <param name="settings">Of the web host, such as its keys.</param>
    public static async Task<ApiHost> StartAsync(
        WorkflowManagerOptions options, string storeUrl = "memory:", ServiceDirectoryOptions? directory = null,
        IEnumerable<KeyValuePair<string, string?>>? settings = null, BusOptions? bus = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Hosting:Port"] = "0",
            ["Observability:Console"] = "false",
            ["Observability:LogLevel"] = "Warning",
        }).AddInMemoryCollection(settings);
        builder.AddMillraceHosting("test");
        var store = await StoreFactory.OpenAsync(storeUrl);
        builder.Services.AddMessageBus("memory:", bus);
        builder.Services.AddSingleton(store);
        builder.Services.AddServiceDirectory(directory ?? new ServiceDirectoryOptions());
        builder.Services.AddWorkflowManager(options);
        var app = builder.Build();
        app.UseMillraceHosting();
        app.MapWorkflowManager();
        await app.StartAsync();
        return new ApiHost(app, store);
    }

    public async Task<(HttpResponseMessage Response, JsonNode? Body)> GetAsync(string path)
    {
        var response = await Http.GetAsync(path);
        return (response, await ReadAsync(response));
    }

    public async Task<(HttpResponseMessage Response, JsonNode? Body)> PostAsync(string path, string body = "")
    {
        var response = await Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        return (response, await ReadAsync(response));
    }

    public async Task<string> AcceptAsync(string workflow, string body)
    {
        var (response, accepted) = await PostAsync($"/api/workflows/{workflow}/requests", body);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
        return (string)accepted!["ids"]![0]!;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{response.RequestMessage!.RequestUri}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.PerspectiveClassifier;
using Millrace.Storage;
using Millrace.WorkflowManager;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.Cli.Classifying;

/// <summary>
/// Posts from the exchange <c>ingest</c> through the manager, the bus and classifier services to their results, all in this process. The
/// services know nothing of each other: the pace is the manager's <c>rateLimit</c>, and each may spend its share of the quota.
/// </summary>
internal static class SuiteBench
{
    private const string Workflow = "bench-classify";
    private const string Queue = "bench-classifier";
    private const int BatchOfLocalPosts = 64;
    private const int PostsPerMessage = 100;
    private const int Pace = 99;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    public static async Task<SuiteBenchReport> RunAsync(SuiteBenchOptions options, CancellationToken cancellationToken)
    {
        await using var store = await StoreFactory.OpenAsync("memory:", cancellationToken: cancellationToken);
        await using var bus = BusFactory.Create(options.BrokerUrl, new BusOptions { ConnectionName = "millrace-bench" });
        await bus.StartAsync(cancellationToken);
        using var manager = CreateManager(options, store, bus);
        var services = Enumerable.Range(0, options.Replicas).Select(_ => CreateService(options, bus)).ToList();
        try
        {
            await Task.WhenAll(services.Select(service => service.StartAsync(cancellationToken)));
            await manager.StartAsync(cancellationToken);
            return await MeasureAsync(options, bus, cancellationToken);
        }
        finally
        {
            foreach (var host in (IHost[])[.. services, manager])
                await host.StopAsync(CancellationToken.None);
            services.ForEach(service => service.Dispose());
        }
    }

    private static async Task<SuiteBenchReport> MeasureAsync(SuiteBenchOptions options, IMessageBus bus, CancellationToken cancellationToken)
    {
        var run = Guid.NewGuid().ToString("N");
        await using var results = await SuiteResults.ListenAsync(bus, Workflow, run, options.Texts.Count, cancellationToken);
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        await SendAsync(options.Texts, run, bus, cancellationToken);
        await results.WaitAsync(LongestSilence, cancellationToken);
        process.Refresh();
        double? used = options.Api is null ? null : Math.Round(100 * results.PerSecond / (options.QuotaPermits / options.QuotaWindowSeconds), 2);
        return new SuiteBenchReport(
            options.Replicas, options.Texts.Count, results.Labelled, results.Lost(allCanBeLabelled: options.Api is not null), Math.Round(results.Seconds, 2),
            Math.Round(results.PerSecond, 2), used, Math.Round((process.TotalProcessorTime - cpu).TotalSeconds, 2), bus.Description);
    }

    private static async Task SendAsync(IReadOnlyList<string> texts, string run, IMessageBus bus, CancellationToken cancellationToken)
    {
        var posts = texts.Select((text, number) => new { uri = string.Create(CultureInfo.InvariantCulture, $"{run}-{number}"), text });
        foreach (var group in posts.Chunk(PostsPerMessage))
        {
            var message = new OutgoingMessage(
                Wire.IngestExchange, Workflow, JsonSerializer.SerializeToUtf8Bytes(group, MillraceJson.Options), MessageProperties.Empty);
            var outcome = (await bus.SendAsync([message], cancellationToken))[0];
            if (outcome.Kind != SendOutcomeKind.Confirmed)
                throw new InvalidOperationException($"Posts were not taken by the broker: {outcome.Reason}");
        }
    }

    private static IHost CreateManager(SuiteBenchOptions options, IMillraceStore store, IMessageBus bus)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(bus);
        builder.Services.AddSingleton(store);
        builder.Services.AddWorkflowManager(new WorkflowManagerOptions { Workflows = [Definition(options)], ResendAtStart = false });
        return builder.Build();
    }

    private static IHost CreateService(SuiteBenchOptions options, IMessageBus bus)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(Settings(options).Select(setting =>
            KeyValuePair.Create($"Classifier:Instances:bench:{setting.Name}", (string?)setting.Value)));
        builder.Services.AddSingleton(bus);
        builder.AddPerspectiveClassifier();
        return builder.Build();
    }

    private static IEnumerable<(string Name, string Value)> Settings(SuiteBenchOptions options)
    {
        yield return ("Queue", Queue);
        if (options.Api is null)
            yield break;
        yield return ("Provider", nameof(ClassifierProvider.Perspective));
        yield return ("Attributes:0", "TOXICITY");
        yield return ("Perspective:BaseUrl", options.Api.ToString());
        yield return ("Perspective:QuotaPermits", options.QuotaPermits.ToString(CultureInfo.InvariantCulture));
        yield return ("Perspective:QuotaWindowSeconds", options.QuotaWindowSeconds.ToString(CultureInfo.InvariantCulture));
        yield return ("Perspective:QuotaShare", (1.0 / options.Replicas).ToString(CultureInfo.InvariantCulture));
    }

    private static WorkflowDefinition Definition(SuiteBenchOptions options) => new()
    {
        Name = Workflow,
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Workflow))),
        Key = "uri",
        Steps =
        [
            new StepDefinition
            {
                Name = "classify",
                Queue = Queue,
                Batch = options.Api is null ? BatchOfLocalPosts : 0,
                RateLimit = options.Api is null
                    ? null
                    : new RateLimit(options.QuotaPermits * Pace, TimeSpan.FromSeconds(options.QuotaWindowSeconds * 100)),
            },
        ],
    };
}

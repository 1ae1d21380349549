using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Millrace.DriftMonitor;
using Millrace.GpuEmbedding;
using Millrace.Hosting;
using Millrace.Messaging;
using Millrace.PerspectiveClassifier;
using Millrace.PerspectiveClassifier.Api;
using Millrace.Preprocessing;
using Millrace.Storage;
using Millrace.WorkflowManager;

namespace Millrace.Standalone;

/// <summary>Builds one web host that holds any of the services: all of them in one process, or one for scaling out.</summary>
public static class StandaloneHost
{
    /// <param name="settings">Win over environment variables and appsettings.json.</param>
    /// <exception cref="Contracts.ConfigurationException">Something is configured wrongly; every problem is named.</exception>
    public static async Task<WebApplication> CreateAsync(
        StandaloneOptions options, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(options.Services.Select((name, i) => KeyValuePair.Create($"Directory:InProcess:{i}", (string?)name)));
        builder.Configuration.AddEnvironmentVariables().AddInMemoryCollection(settings);
        if (options.Services.Count > 1)
            builder.Configuration["Manager:SeqPageUrl"] ??= builder.Configuration["Observability:SeqUrl"];
        builder.AddMillraceHosting(options.Name);
        var bus = BusSettings.Read(builder.Configuration, options.Name);
        if (options.Services.Contains(ServiceNames.WorkflowManager))
            BusSettings.CheckManager(builder.Configuration, bus);
        builder.Services.AddMessageBus(options.BrokerUrl, bus);
        var needsStore = options.Services.Any(ServiceNames.NeedsStore);
        if (needsStore)
            builder.AddStore(options.StoreUrl);
        foreach (var service in options.Services)
            builder.AddService(service);

        var app = builder.Build();
        try
        {
            if (needsStore)
                await app.Services.GetRequiredService<StoreOpener>().OpenAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        app.UseMillraceHosting();
        foreach (var service in options.Services)
            app.MapService(service);
        return app;
    }

    private static void AddStore(this WebApplicationBuilder builder, string url)
    {
        var limits = StoreOptions.Read(builder.Configuration);
        builder.Services.AddSingleton(services => new StoreOpener(url, limits, TimeProvider.System, services.GetRequiredService<ILogger<StoreOpener>>()));
        builder.Services.AddSingleton(services => services.GetRequiredService<StoreOpener>().Store);
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration("store", services => new StoreHealthCheck(services.GetRequiredService<IMillraceStore>()), null, null));
    }

    private static void AddService(this WebApplicationBuilder builder, string service)
    {
        switch (service)
        {
            case ServiceNames.WorkflowManager: builder.AddWorkflowManager(); break;
            case ServiceNames.Preprocessing: builder.AddPreprocessing(); break;
            case ServiceNames.PerspectiveClassifier: builder.AddPerspectiveClassifier(); break;
            case ServiceNames.GpuEmbedding: builder.AddGpuEmbedding().AddEmbeddingWorker(); break;
            case ServiceNames.DriftMonitor: builder.AddDriftMonitor(); break;
            default: throw new Contracts.ConfigurationException($"There is no service '{service}'; use {string.Join(", ", ServiceNames.All)}.");
        }
    }

    private static void MapService(this WebApplication app, string service)
    {
        switch (service)
        {
            case ServiceNames.WorkflowManager: app.MapWorkflowManager(); break;
            case ServiceNames.Preprocessing: app.MapPreprocessing(); break;
            case ServiceNames.PerspectiveClassifier: app.MapClassifier().MapPerspectiveApi(); break;
            case ServiceNames.GpuEmbedding: app.MapGpuEmbedding(); break;
            case ServiceNames.DriftMonitor: app.MapDriftMonitor(); break;
        }
    }
}

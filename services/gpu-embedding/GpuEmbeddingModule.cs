using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.GpuEmbedding.Api;
using Millrace.Messaging;

namespace Millrace.GpuEmbedding;

/// <summary>The embedding service: its model, its step handler and its routes.</summary>
public static class GpuEmbeddingModule
{
    /// <summary>Adds the model, which loads when the host starts, and the handler.</summary>
    /// <exception cref="ConfigurationException">The options are wrong; every problem is named.</exception>
    public static IHostApplicationBuilder AddGpuEmbedding(this IHostApplicationBuilder builder)
    {
        var options = Read(builder.Configuration);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<Embedder>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Embedder>());
        builder.Services.AddSingleton<EmbedHandler>();
        builder.Services.AddHealthChecks().AddCheck<EmbedderHealthCheck>("embedder");
        return builder;
    }

    /// <summary>Adds the worker behind the step's queue. After <see cref="AddGpuEmbedding"/>, so that the model is warm before a message is taken and says how many are.</summary>
    public static IHostApplicationBuilder AddEmbeddingWorker(this IHostApplicationBuilder builder)
    {
        var options = Read(builder.Configuration);
        builder.Services.AddStepHandler<EmbedHandler, EmbedInput, EmbedOutput>(options.StepQueue, (services, worker) =>
        {
            // By now the model is loaded: its device and streams are known.
            var engine = services.GetRequiredService<Embedder>().Model.Engine;
            (worker.MaxBatchItems, worker.MaxConcurrentCalls, worker.Prefetch) =
                WorkerPrefetch.For(engine.Limits, engine.Streams, options.Batching.QueueLimitItems, worker.MaxBatchItems);
        });
        return builder;
    }

    /// <summary><c>POST /v1/embeddings</c> as OpenAI's clients call it, and <c>GET /info</c>.</summary>
    public static IEndpointRouteBuilder MapGpuEmbedding(this IEndpointRouteBuilder routes)
    {
        routes.MapEmbeddings();
        routes.MapInfo();
        return routes;
    }

    private static EmbeddingOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(EmbeddingOptions.Section).Get<EmbeddingOptions>() ?? new EmbeddingOptions();
        return options.Problems() is { Count: > 0 } problems
            ? throw new ConfigurationException([.. problems.Select(problem => $"{EmbeddingOptions.Section}: {problem}")])
            : options;
    }
}

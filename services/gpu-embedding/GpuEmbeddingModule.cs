using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.GpuEmbedding.Api;

namespace Millrace.GpuEmbedding;

/// <summary>The embedding service: its model, its step handler and its routes.</summary>
public static class GpuEmbeddingModule
{
    /// <summary>Adds the model, which loads when the host starts, and the handler.</summary>
    /// <exception cref="ConfigurationException">The options are wrong; every problem is named.</exception>
    public static IHostApplicationBuilder AddGpuEmbedding(this IHostApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(EmbeddingOptions.Section).Get<EmbeddingOptions>() ?? new EmbeddingOptions();
        if (options.Problems() is { Count: > 0 } problems)
            throw new ConfigurationException([.. problems.Select(problem => $"{EmbeddingOptions.Section}: {problem}")]);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<Embedder>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Embedder>());
        builder.Services.AddSingleton<EmbedHandler>();
        builder.Services.AddHealthChecks().AddCheck<EmbedderHealthCheck>("embedder");
        return builder;
    }

    /// <summary><c>POST /v1/embeddings</c> as OpenAI's clients call it, and <c>GET /info</c>.</summary>
    public static IEndpointRouteBuilder MapGpuEmbedding(this IEndpointRouteBuilder routes)
    {
        routes.MapEmbeddings();
        routes.MapInfo();
        return routes;
    }
}

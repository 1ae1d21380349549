using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Inference.Batching;

namespace Millrace.GpuEmbedding.Api;

/// <summary>What the service runs and has done.</summary>
/// <param name="Waiting">Texts in the queue now.</param>
/// <param name="CachedVectors">Vectors that need no model any more.</param>
internal sealed record InfoView(
    string Model, string ModelRevision, int Dimensions, int MaxTokens, string Pooling, bool Normalized, IEnumerable<string> Prompts,
    IReadOnlyList<string> Devices, int Waiting, int QueueLimitItems, int CachedVectors, BatchCounts Counts);

internal static class InfoApi
{
    public static void MapInfo(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/info", Describe).WithTags("Embedding").WithSummary("The model, its devices and what they have done");

    private static Ok<InfoView> Describe(Embedder embedder, EmbeddingOptions options)
    {
        var model = embedder.Model;
        return TypedResults.Ok(new InfoView(
            model.Name, model.Revision, model.Dimensions, model.MaxTokens, model.Pooling.ToString().ToLowerInvariant(), model.Normalizes,
            model.Prompts, model.Engine.Devices, model.Engine.Waiting, options.Batching.QueueLimitItems, embedder.Cache.Count, model.Engine.Counts));
    }
}

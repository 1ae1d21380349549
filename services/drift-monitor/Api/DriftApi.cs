using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Plots;

namespace Millrace.DriftMonitor.Api;

/// <summary>A detector as REST shows it.</summary>
public sealed record DetectorView(
    string Name, int Dimensions, int ReferenceVersion, int ReferencePosts, int CurrentPosts, long Seen, bool Drifting,
    DriftTest? LastTest, IReadOnlyList<DriftTest>? History, IReadOnlyList<DrivingPost> Driving);

public sealed record DetectorListView(IReadOnlyList<DetectorView> Items);

internal static class DriftApi
{
    private const string SvgType = "image/svg+xml";

    public static void MapDrift(this IEndpointRouteBuilder routes)
    {
        var drift = routes.MapGroup("/api/drift").WithTags("Drift");
        drift.MapGet("/", ListAsync).WithSummary("All detectors");
        drift.MapGet("/{name}", GetAsync).WithSummary("One detector with its past tests and the posts that drive it");
        drift.MapGet("/{name}/statistic.svg", (string name, DetectorRegistry all, CancellationToken cancellationToken) =>
            DrawAsync(name, DriftPlots.Statistic, all, cancellationToken)).WithSummary("The statistic over time");
        drift.MapGet("/{name}/windows.svg", (string name, DetectorRegistry all, CancellationToken cancellationToken) =>
            DrawAsync(name, DriftPlots.Windows, all, cancellationToken)).WithSummary("Both windows in two dimensions");
        drift.MapPost("/{name}/reference", AdoptAsync).RequireAuthorization(AccessRoles.Operate)
            .WithSummary("Make the current window the new reference");
    }

    private static async Task<Ok<DetectorListView>> ListAsync(DetectorRegistry all, CancellationToken cancellationToken) =>
        TypedResults.Ok(new DetectorListView(await all.ReadAllAsync(state => ToView(state, withHistory: false), cancellationToken)));

    private static async Task<Results<Ok<DetectorView>, ProblemHttpResult>> GetAsync(string name, DetectorRegistry all, CancellationToken cancellationToken) =>
        await all.ReadAsync(name, state => ToView(state, withHistory: true), cancellationToken) is { } view ? TypedResults.Ok(view) : Unknown(name);

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> DrawAsync(
        string name, Func<DetectorState, string> draw, DetectorRegistry all, CancellationToken cancellationToken) =>
        await all.ReadAsync(name, draw, cancellationToken) is { } svg ? TypedResults.Content(svg, SvgType) : Unknown(name);

    private static async Task<Results<NoContent, ProblemHttpResult>> AdoptAsync(string name, DetectorRegistry all, CancellationToken cancellationToken)
    {
        if (await all.ReadAsync(name, _ => name, cancellationToken) is null)
            return Unknown(name);
        return await all.AdoptCurrentAsync(name, cancellationToken)
            ? TypedResults.NoContent()
            : TypedResults.Problem(
                "The current window is not full yet; wait for more posts.", statusCode: StatusCodes.Status409Conflict, type: "urn:millrace:window-not-full");
    }

    private static ProblemHttpResult Unknown(string name) =>
        TypedResults.Problem($"There is no detector '{name}'.", statusCode: StatusCodes.Status404NotFound, type: "urn:millrace:unknown-detector");

    private static DetectorView ToView(DetectorState state, bool withHistory) => new(
        state.Name, state.Dimensions, state.ReferenceVersion, state.Reference.Count, state.Current.Count, state.Seen, state.Drifting,
        state.History.LastOrDefault(), withHistory ? [.. state.History] : null, state.Driving);
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Plots;
using Millrace.DriftMonitor.Sources;

namespace Millrace.DriftMonitor.Api;

/// <summary>A detector as REST shows it.</summary>
public sealed record DetectorView(
    string Name, int Dimensions, int ReferenceVersion, int ReferencePosts, int CurrentPosts, long Seen, bool Drifting,
    DriftTest? LastTest, IReadOnlyList<DriftTest>? History, IReadOnlyList<DrivingPost> Driving);

/// <param name="Items">In the order of their names.</param>
/// <param name="Ignored">What no detector took, and why.</param>
public sealed record DetectorListView(IReadOnlyList<DetectorView> Items, IReadOnlyList<IgnoredView> Ignored);

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

    private static async Task<Ok<DetectorListView>> ListAsync(DetectorRegistry all, IgnoredVectors ignored, CancellationToken cancellationToken)
    {
        var views = await all.ReadAllAsync(state => ToView(state, withHistory: false), cancellationToken);
        return TypedResults.Ok(new DetectorListView([.. views.OrderBy(view => view.Name, StringComparer.Ordinal)], ignored.Counts));
    }

    private static async Task<Results<Ok<DetectorView>, ProblemHttpResult>> GetAsync(string name, DetectorRegistry all, CancellationToken cancellationToken) =>
        await all.ReadAsync(Whole(name), state => ToView(state, withHistory: true), cancellationToken) is { } view ? TypedResults.Ok(view) : Unknown(name);

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> DrawAsync(
        string name, Func<DetectorState, string> draw, DetectorRegistry all, CancellationToken cancellationToken) =>
        await all.ReadAsync(Whole(name), draw, cancellationToken) is { } svg ? TypedResults.Content(svg, SvgType) : Unknown(name);

    private static async Task<Results<NoContent, ProblemHttpResult>> AdoptAsync(string name, DetectorRegistry all, CancellationToken cancellationToken)
    {
        if (await all.ReadAsync(Whole(name), _ => name, cancellationToken) is null)
            return Unknown(name);
        return await all.AdoptCurrentAsync(Whole(name), cancellationToken)
            ? TypedResults.NoContent()
            : TypedResults.Problem(
                "The current window is not full yet; wait for more posts.", statusCode: StatusCodes.Status409Conflict, type: "urn:millrace:window-not-full");
    }

    /// <summary>A slash within one part of a path is the only character that the server leaves as it was written.</summary>
    private static string Whole(string name) => name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static ProblemHttpResult Unknown(string name) =>
        TypedResults.Problem($"There is no detector '{name}'.", statusCode: StatusCodes.Status404NotFound, type: "urn:millrace:unknown-detector");

    private static DetectorView ToView(DetectorState state, bool withHistory) => new(
        state.Name, state.Dimensions, state.ReferenceVersion, state.Reference.Count, state.Current.Count, state.Seen, state.Drifting,
        state.History.LastOrDefault(), withHistory ? [.. state.History] : null, state.Driving);
}

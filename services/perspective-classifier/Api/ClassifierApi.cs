using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Local;
using Millrace.PerspectiveClassifier.Shadow;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>What the classifiers are, how far two of them agree, and fitting a calibration from it.</summary>
public static class ClassifierApi
{
    public static IEndpointRouteBuilder MapClassifier(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/classifier").WithTags("Classifier");
        group.MapGet("", (ClassifierSet set) => TypedResults.Ok(new ClassifierListView([.. set.All.Select(Describe)])))
            .WithName("GetClassifiers").WithMetadata(new AuthorizeAttribute(AccessRoles.Read));
        group.MapGet("/agreement", GetAgreement).WithName("GetAgreement").WithMetadata(new AuthorizeAttribute(AccessRoles.Read));
        group.MapPost("/calibration", FitCalibration).WithName("FitCalibration").WithMetadata(new AuthorizeAttribute(AccessRoles.Operate));
        return routes;
    }

    private static ClassifierView Describe(NamedClassifier classifier)
    {
        var described = classifier.Provider.Describe();
        return new ClassifierView(
            classifier.Name,
            classifier.Options.Queue,
            described.Provider,
            described.ModelRevision,
            described.ShadowRevision,
            described.Available,
            [.. classifier.Options.Output == ClassifierOutput.Record ? classifier.Options.Attributes.Except(described.Available) : []],
            (classifier.Provider as OnnxProvider ?? (classifier.Provider as ShadowProvider)?.Calibrated)?.Calibration?.FittedAt,
            described.Problem);
    }

    private static IResult GetAgreement(ClassifierSet set) => Results.Ok(new AgreementListView(
    [
        .. set.All.Where(classifier => classifier.Provider is ShadowProvider)
            .Select(classifier => (classifier.Name, Shadow: (ShadowProvider)classifier.Provider))
            .Select(shadow => new AgreementView(shadow.Name, shadow.Shadow.Local.Revision, shadow.Shadow.Tracker.Unpaired, shadow.Shadow.Tracker.Agreement())),
    ]));

    /// <summary>Fits from the pairs in memory and saves to the classifier's CalibrationPath, if it has one.</summary>
    private static IResult FitCalibration(string classifier, ClassifierSet set, TimeProvider clock)
    {
        if (set.Find(classifier) is not { } found)
            return Results.Problem($"There is no classifier '{classifier}'.", statusCode: StatusCodes.Status404NotFound);
        if (found.Provider is not ShadowProvider shadow)
            return Results.Problem($"'{classifier}' does not run two providers side by side (Provider: shadow).", statusCode: StatusCodes.Status409Conflict);
        lock (shadow.Fitting)
            return Fit(shadow, found.Options.CalibrationPath, clock);
    }

    private static IResult Fit(ShadowProvider shadow, string? path, TimeProvider clock)
    {
        if (CalibrationFit.Fit(shadow.Tracker.Pairs(), shadow.Local.Revision, clock.GetUtcNow()) is not { } fitted)
            return Results.Problem($"No attribute has {CalibrationFit.LeastPairs} pairs of scores yet.", statusCode: StatusCodes.Status409Conflict);
        if (path is not null && Unwritten(fitted, path) is { } problem)
            return Results.Problem(problem, statusCode: StatusCodes.Status500InternalServerError);
        shadow.Calibrate(fitted);
        return Results.Ok(fitted);
    }

    private static string? Unwritten(CalibrationFile fitted, string path)
    {
        try
        {
            fitted.Write(path);
            return null;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return $"The calibration cannot be written to '{path}': {wrong.Message} Set CalibrationPath to a file in a folder that this service may write to.";
        }
    }
}

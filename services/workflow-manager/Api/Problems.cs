using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Millrace.WorkflowManager.Runtime.Ingest;

namespace Millrace.WorkflowManager.Api;

/// <summary>Errors as problem details (RFC 9457); each type is <c>urn:millrace:code</c>.</summary>
internal static class Problems
{
    public static ProblemHttpResult NotFound(string what, string name) =>
        Create(StatusCodes.Status404NotFound, $"{what}-not-found", $"There is no {what} '{name}'.");

    public static ProblemHttpResult BadRequest(string code, string detail) => Create(StatusCodes.Status400BadRequest, code, detail);

    /// <summary>The request is not in a state in which this can be done.</summary>
    public static ProblemHttpResult Conflict(string code, string detail) => Create(StatusCodes.Status409Conflict, code, detail);

    public static ProblemHttpResult Refused(RefusedException refusal) => Create(
        refusal.Code switch
        {
            "workflow-not-found" => StatusCodes.Status404NotFound,
            "too-large" or "too-many" => StatusCodes.Status413PayloadTooLarge,
            _ => StatusCodes.Status400BadRequest,
        },
        refusal.Code, refusal.Message);

    public static ProblemHttpResult Create(int status, string code, string detail) =>
        TypedResults.Problem(detail, statusCode: status, title: code.Replace('-', ' '), type: "urn:millrace:" + code);
}

using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Millrace.Hosting;

/// <summary>
/// Perspective's routes answer in Google's form, errors too, also those that the route itself never sees: its clients read
/// <c>error.status</c> and would find nothing in problem details.
/// </summary>
internal sealed class GoogleErrors : IExceptionHandler
{
    private const string Base = "/v1alpha1";

    public static bool AreWanted(HttpContext context) => context.Request.Path.StartsWithSegments(Base);

    public static IResult Of(int status, string message) => TypedResults.Json(
        new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = message, ["status"] = Name(status) } }, statusCode: status);

    /// <summary>A status without more to say of it.</summary>
    public static IResult Of(int status) => Of(status, ReasonPhrases.GetReasonPhrase(status));

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!AreWanted(httpContext) || httpContext.Response.HasStarted)
            return false;
        var error = exception is BadHttpRequestException bad ? Of(bad.StatusCode, bad.Message) : Of(StatusCodes.Status500InternalServerError, "Internal error encountered.");
        await error.ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>As google.rpc.Code names them; the nearest where it has none.</summary>
    private static string Name(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "UNAUTHENTICATED",
        StatusCodes.Status403Forbidden => "PERMISSION_DENIED",
        StatusCodes.Status404NotFound => "NOT_FOUND",
        StatusCodes.Status405MethodNotAllowed => "UNIMPLEMENTED",
        StatusCodes.Status421MisdirectedRequest => "FAILED_PRECONDITION",
        StatusCodes.Status429TooManyRequests => "RESOURCE_EXHAUSTED",
        StatusCodes.Status503ServiceUnavailable => "UNAVAILABLE",
        StatusCodes.Status504GatewayTimeout => "DEADLINE_EXCEEDED",
        >= 500 => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };
}

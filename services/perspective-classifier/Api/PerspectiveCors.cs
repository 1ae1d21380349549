using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>Lets web pages of the origins that are listed call Perspective's routes, as its browser clients do; without a list, none.</summary>
internal static class PerspectiveCors
{
    /// <summary>Answers a browser that asks whether it may call.</summary>
    public static IResult Preflight(HttpContext http, ClassifierOptions options)
    {
        if (!Allow(http, options))
            return Results.NoContent();
        http.Response.Headers.AccessControlAllowMethods = HttpMethods.Post;
        http.Response.Headers.AccessControlAllowHeaders = "content-type, authorization, x-api-key";
        http.Response.Headers.AccessControlMaxAge = "3600";
        return Results.NoContent();
    }

    /// <returns>False if the page's origin is not listed, or no page calls.</returns>
    public static bool Allow(HttpContext http, ClassifierOptions options)
    {
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || !options.AllowedOrigins.Any(allowed => allowed == "*" || allowed.Equals(origin, StringComparison.OrdinalIgnoreCase)))
            return false;
        http.Response.Headers.AccessControlAllowOrigin = origin;
        http.Response.Headers.Vary = StringValues.Concat(http.Response.Headers.Vary, "Origin");
        return true;
    }
}

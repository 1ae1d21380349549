using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Millrace.Hosting;

/// <summary>What the host refuses before a route has seen it, as problem details, or in Google's form on the routes that are in it.</summary>
internal static class Refusals
{
    /// <param name="code">The problem's type is <c>urn:millrace:code</c>.</param>
    public static Task WriteAsync(HttpContext context, int status, string code, string detail)
    {
        IResult refusal = GoogleErrors.AreWanted(context)
            ? GoogleErrors.Of(status, detail)
            : TypedResults.Problem(detail, statusCode: status, title: code.Replace('-', ' '), type: "urn:millrace:" + code);
        return refusal.ExecuteAsync(context);
    }

    /// <summary>One that may come again later.</summary>
    public static Task WriteAsync(HttpContext context, int status, string code, string detail, TimeSpan wait)
    {
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return WriteAsync(context, status, code, detail);
    }
}

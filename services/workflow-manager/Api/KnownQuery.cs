using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Millrace.WorkflowManager.Api;

/// <summary>Refuses names in the query string that an endpoint does not know: a misspelt filter would otherwise be no filter, and match everything.</summary>
internal static class KnownQuery
{
    private static readonly string[] Filters =
        [.. typeof(RequestFilter).GetProperties().Select(property => property.GetCustomAttribute<FromQueryAttribute>()?.Name).OfType<string>()];

    /// <param name="others">What the endpoint takes besides a <see cref="RequestFilter"/>.</param>
    public static RouteHandlerBuilder WithFilterQuery(this RouteHandlerBuilder route, params string[] others)
    {
        string[] known = [.. Filters, .. others];
        return route.AddEndpointFilter(async (context, next) =>
            context.HttpContext.Request.Query.Keys.FirstOrDefault(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } unknown
                ? Problems.BadRequest("bad-filter", $"There is no filter or option '{unknown}'; there are {string.Join(", ", known)}.")
                : await next(context));
    }
}

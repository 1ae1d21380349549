using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Millrace.Contracts;

namespace Millrace.WorkflowManager.Ui;

/// <param name="SeqUrl">Where a browser reaches Seq; null: unknown.</param>
public sealed record PageView(string? SeqUrl);

/// <summary>Serves the page from the assembly. The page itself holds no data, so it needs no key; what it loads does.</summary>
public static class UiModule
{
    private const string Prefix = "ui/";

    /// <summary>Only what the page brings itself may run, and nothing may frame it.</summary>
    private const string ContentPolicy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    public static IEndpointRouteBuilder MapUi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (HttpContext context) => Serve(context, "index.html", isVersioned: false)).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/assets/{file}", (HttpContext context, string file) => Serve(context, "assets/" + file, isVersioned: true))
            .AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/api/page", (WorkflowManagerOptions options) => TypedResults.Ok(new PageView(options.SeqPageUrl?.TrimEnd('/'))))
            .RequireAuthorization(AccessRoles.Read).WithTags("Workflow manager").WithSummary("What the page needs to know of its surroundings.");
        return routes;
    }

    private static IResult Serve(HttpContext context, string file, bool isVersioned)
    {
        if (typeof(UiModule).Assembly.GetManifestResourceStream(Prefix + file) is not { } content)
            return Results.NotFound();
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // Names of assets carry a hash of their content.
        headers.CacheControl = isVersioned ? "public, max-age=31536000, immutable" : "no-cache";
        return Results.Stream(content, ContentTypes.TryGetContentType(file, out var type) ? type : "application/octet-stream");
    }
}

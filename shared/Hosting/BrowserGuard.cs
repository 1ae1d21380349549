using System.Net;
using Microsoft.AspNetCore.Http;
using Millrace.Hosting.Access;

namespace Millrace.Hosting;

/// <summary>
/// Where no key is asked for, whatever reaches the address may do anything, and so may any web page that is open in a browser on the
/// same machine. So calls are taken only under names that no stranger can have pointed here (DNS rebinding), and what changes something
/// only from pages of our own (cross-site requests). Callers that are no browsers send neither of the headers that tell of a page.
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, HostingOptions hosting, AccessOptions access)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!IsKnown(request.Host.Host))
        {
            return Refusals.WriteAsync(context, StatusCodes.Status421MisdirectedRequest, "unknown-host",
                $"This host is not called '{request.Host.Host}'. Call it by 127.0.0.1 or localhost, or add the name to {HostingOptions.Section}:AllowedHosts.");
        }
        if (!access.IsConfigured && !IsSafe(request.Method) && IsFromForeignPage(request))
        {
            return Refusals.WriteAsync(context, StatusCodes.Status403Forbidden, "foreign-page",
                $"A web page of another origin asks for a change. Configure Access:Keys, or add the host of the page to {HostingOptions.Section}:AllowedHosts if it is yours.");
        }
        return next(context);
    }

    private bool IsKnown(string host) =>
        IsAllowed(host) || (access.IsConfigured && hosting.AllowedHosts.Count == 0) || IsLoopback(host);

    private bool IsAllowed(string host) => hosting.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    /// <summary>A page that a proxy serves under another name is of the same site by the browser's own word, or its host is allowed.</summary>
    private bool IsFromForeignPage(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (Uri.TryCreate(origin, UriKind.Absolute, out var page)
            && (IsAllowed(page.Host) || page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }
        return request.Headers["Sec-Fetch-Site"].ToString() switch
        {
            "" => origin.Length > 0,
            "same-origin" or "none" => false,
            _ => true,
        };
    }
}

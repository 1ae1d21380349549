using Microsoft.AspNetCore.Http;

namespace Millrace.WorkflowManager.Api;

internal static class Callers
{
    /// <summary>Who asked, for timelines and pauses.</summary>
    public static string CallerName(this HttpContext context) => context.User.Identity?.Name is { Length: > 0 } name ? name : "REST";
}

using System.Text.Json.Nodes;

namespace Millrace.PerspectiveEmulator;

/// <summary>Error bodies as the API writes them.</summary>
internal static class Errors
{
    public static (int Status, JsonObject Body) Invalid(string errorType, string message, JsonObject? more = null)
    {
        var detail = new JsonObject
        {
            ["@type"] = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error",
            ["errorType"] = errorType,
        };
        foreach (var (name, value) in more ?? [])
            detail[name] = value?.DeepClone();
        return (400, Error(400, "INVALID_ARGUMENT", message, detail));
    }

    public static (int Status, JsonObject Body) Malformed(string message) => (400, Error(400, "INVALID_ARGUMENT", message));

    /// <summary>Google answers a key that it does not know, or no longer, with 400.</summary>
    public static (int Status, JsonObject Body) WrongKey() =>
        (400, Error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", Info("API_KEY_INVALID")));

    /// <summary>A key of a project in which the API is not enabled.</summary>
    public static (int Status, JsonObject Body) Disabled() =>
        (403, Error(403, "PERMISSION_DENIED", "Perspective Comment Analyzer API has not been used in project 1 before or it is disabled.", Info("SERVICE_DISABLED")));

    /// <summary>Of the project, like the two before, but with the status of a text's own faults.</summary>
    public static (int Status, JsonObject Body) Precondition() =>
        (400, Error(400, "FAILED_PRECONDITION", "Billing must be enabled for the project before the API can be used."));

    public static (int Status, JsonObject Body) NoKey() =>
        (403, Error(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers (callers without established identity)."));

    public static (int Status, JsonObject Body) Exhausted(string limit, int permits) =>
        (429, Error(429, "RESOURCE_EXHAUSTED", $"Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)' and limit '{limit}'.", new JsonObject
        {
            ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
            ["reason"] = "RATE_LIMIT_EXCEEDED",
            ["domain"] = "googleapis.com",
            ["metadata"] = new JsonObject
            {
                ["quota_limit"] = limit,
                ["quota_limit_value"] = permits.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["quota_metric"] = "commentanalyzer.googleapis.com/analyze_requests",
            },
        }));

    public static (int Status, JsonObject Body) Unavailable() => (503, Error(503, "UNAVAILABLE", "The service is currently unavailable."));

    public static (int Status, JsonObject Body) Internal() => (500, Error(500, "INTERNAL", "Internal error encountered."));

    private static JsonObject Info(string reason) => new()
    {
        ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
        ["reason"] = reason,
        ["domain"] = "googleapis.com",
        ["metadata"] = new JsonObject { ["service"] = "commentanalyzer.googleapis.com" },
    };

    private static JsonObject Error(int code, string status, string message, JsonObject? detail = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message, ["status"] = status };
        if (detail is not null)
            error["details"] = new JsonArray(detail);
        return new JsonObject { ["error"] = error };
    }
}

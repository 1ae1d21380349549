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

    public static (int Status, JsonObject Body) Forbidden() =>
        (403, Error(403, "PERMISSION_DENIED", "The caller does not have permission", new JsonObject
        {
            ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
            ["reason"] = "API_KEY_INVALID",
        }));

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

    private static JsonObject Error(int code, string status, string message, JsonObject? detail = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message, ["status"] = status };
        if (detail is not null)
            error["details"] = new JsonArray(detail);
        return new JsonObject { ["error"] = error };
    }
}

using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>Errors in the form that Google's API gives them, so that its clients understand.</summary>
internal static class PerspectiveErrors
{
    public static IResult Invalid(string errorType, string message, JsonObject? more = null)
    {
        var detail = new JsonObject
        {
            ["@type"] = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error",
            ["errorType"] = errorType,
        };
        foreach (var (name, value) in more ?? [])
            detail[name] = value?.DeepClone();
        return Error(400, "INVALID_ARGUMENT", message, detail);
    }

    public static IResult Malformed(string message) => Error(400, "INVALID_ARGUMENT", "Invalid JSON payload received. " + message);

    public static IResult UnknownAttribute(string attribute) => Error(400, "INVALID_ARGUMENT", $"Unknown requested attribute: {attribute}");

    public static IResult NotSupported(string attribute, IReadOnlyList<string> languages, bool requested) => Invalid(
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        $"Attribute {attribute} does not support request languages: {string.Join(", ", languages)}",
        new JsonObject
        {
            ["languageNotSupportedByAttributeError"] = new JsonObject
            {
                ["attribute"] = attribute,
                [requested ? "requestedLanguages" : "detectedLanguages"] = Texts(languages),
            },
        });

    public static IResult Forbidden() => Error(403, "PERMISSION_DENIED", "The caller does not have permission", new JsonObject
    {
        ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
        ["reason"] = "API_KEY_INVALID",
    });

    public static IResult Exhausted(TimeSpan retryAfter) =>
        Error(429, "RESOURCE_EXHAUSTED", FormattableString.Invariant($"Too many texts wait for the local model; try again in {retryAfter.TotalSeconds:0.#} s."));

    public static IResult Unavailable(string message) => Error(503, "UNAVAILABLE", message);

    public static IResult Internal(string message) => Error(500, "INTERNAL", message);

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static IResult Error(int code, string status, string message, JsonObject? detail = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message, ["status"] = status };
        if (detail is not null)
            error["details"] = new JsonArray(detail);
        return Results.Json(new JsonObject { ["error"] = error }, statusCode: code);
    }
}

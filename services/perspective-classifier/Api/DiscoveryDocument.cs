using System.Text.Json.Nodes;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>What Google's generic clients build themselves from: the two methods and where they are.</summary>
internal static class DiscoveryDocument
{
    public static JsonObject Write(string rootUrl) => new()
    {
        ["kind"] = "discovery#restDescription",
        ["discoveryVersion"] = "v1",
        ["id"] = "commentanalyzer:v1alpha1",
        ["name"] = "commentanalyzer",
        ["version"] = "v1alpha1",
        ["title"] = "Perspective Comment Analyzer API, answered by Millrace",
        ["protocol"] = "rest",
        ["rootUrl"] = rootUrl,
        ["baseUrl"] = rootUrl,
        ["servicePath"] = "",
        ["parameters"] = new JsonObject { ["key"] = new JsonObject { ["type"] = "string", ["location"] = "query" } },
        ["schemas"] = new JsonObject
        {
            ["AnalyzeCommentRequest"] = Message("AnalyzeCommentRequest"),
            ["AnalyzeCommentResponse"] = Message("AnalyzeCommentResponse"),
            ["SuggestCommentScoreRequest"] = Message("SuggestCommentScoreRequest"),
            ["SuggestCommentScoreResponse"] = Message("SuggestCommentScoreResponse"),
        },
        ["resources"] = new JsonObject
        {
            ["comments"] = new JsonObject
            {
                ["methods"] = new JsonObject
                {
                    ["analyze"] = Method("analyze", "AnalyzeComment"),
                    ["suggestscore"] = Method("suggestscore", "SuggestCommentScore"),
                },
            },
        },
    };

    private static JsonObject Message(string id) => new() { ["id"] = id, ["type"] = "object", ["properties"] = new JsonObject() };

    private static JsonObject Method(string name, string message) => new()
    {
        ["id"] = $"commentanalyzer.comments.{name}",
        ["path"] = $"v1alpha1/comments:{name}",
        ["flatPath"] = $"v1alpha1/comments:{name}",
        ["httpMethod"] = "POST",
        ["parameters"] = new JsonObject(),
        ["parameterOrder"] = new JsonArray(),
        ["request"] = new JsonObject { ["$ref"] = message + "Request" },
        ["response"] = new JsonObject { ["$ref"] = message + "Response" },
    };
}

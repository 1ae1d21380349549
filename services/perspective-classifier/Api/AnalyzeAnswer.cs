using System.Text.Json.Nodes;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>The answer to <c>comments:analyze</c>.</summary>
internal static class AnalyzeAnswer
{
    /// <param name="scores">Of the whole text, then of each span where there are several.</param>
    public static JsonObject Write(
        AnalyzeRequest request,
        CommentLanguages languages,
        IReadOnlyList<(int Begin, int End)> spans,
        IReadOnlyList<IReadOnlyDictionary<string, double>> scores)
    {
        var attributes = new JsonObject();
        foreach (var attribute in request.Attributes)
        {
            var summary = scores[0][attribute.Name];
            // Absent means below the threshold; that is the contract.
            if (summary < attribute.Threshold)
                continue;
            attributes[attribute.Name] = new JsonObject
            {
                ["spanScores"] = new JsonArray([.. spans.Select((span, at) => Span(span, scores[scores.Count == 1 ? 0 : at + 1][attribute.Name]))]),
                ["summaryScore"] = Score(summary),
            };
        }
        var answer = new JsonObject
        {
            ["attributeScores"] = attributes,
            ["languages"] = PerspectiveErrors.Texts(languages.Effective),
            ["detectedLanguages"] = PerspectiveErrors.Texts(languages.Detected),
        };
        if (request.ClientToken is not null)
            answer["clientToken"] = request.ClientToken;
        return answer;
    }

    private static JsonObject Span((int Begin, int End) span, double score) =>
        new() { ["begin"] = span.Begin, ["end"] = span.End, ["score"] = Score(score) };

    private static JsonObject Score(double value) => new() { ["value"] = value, ["type"] = "PROBABILITY" };
}

using System.Text.Json;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>The body of one <c>comments:analyze</c>.</summary>
/// <param name="Language">The language the body names, or null where the API is to detect it.</param>
internal sealed record AnalyzeCall(byte[] Body, IReadOnlyList<string> Attributes, string? Language)
{
    public static AnalyzeCall Write(
        string text, IReadOnlyList<string> attributes, string? language, bool doNotStore, string? communityId, string? sessionId)
    {
        var body = new
        {
            comment = new { text, type = "PLAIN_TEXT" },
            requestedAttributes = attributes.ToDictionary(name => name, _ => new { scoreType = "PROBABILITY" }),
            languages = language is null ? null : new[] { language },
            doNotStore,
            communityId,
            sessionId,
        };
        return new AnalyzeCall(JsonSerializer.SerializeToUtf8Bytes(body, Contracts.MillraceJson.Options), attributes, language);
    }
}

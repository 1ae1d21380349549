using System.Text.Json;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>The body of one <c>comments:analyze</c>.</summary>
/// <param name="Token">Given back by the answer, so that another call's is known. A random one: the post's URI would tell the API who wrote it.</param>
/// <param name="Spans">True: the API is asked to score parts of the text too.</param>
internal sealed record AnalyzeCall(byte[] Body, IReadOnlyList<string> Attributes, string Token, bool Spans)
{
    /// <param name="languages">The languages that the body names; none: the API is to detect them.</param>
    public static AnalyzeCall Write(PostToClassify post, IReadOnlyList<string> attributes, IReadOnlyList<string> languages, PerspectiveOptions options)
    {
        var token = Guid.NewGuid().ToString("N");
        var body = new
        {
            comment = new { text = post.Text, type = "PLAIN_TEXT" },
            requestedAttributes = attributes.ToDictionary(name => name, _ => new { scoreType = "PROBABILITY" }),
            languages = languages.Count > 0 ? languages : null,
            doNotStore = options.DoNotStore || post.DoNotStore == true,
            clientToken = token,
            communityId = post.CommunityId,
            sessionId = post.SessionId,
            spanAnnotations = options.SpanAnnotations ? true : (bool?)null,
        };
        return new AnalyzeCall(JsonSerializer.SerializeToUtf8Bytes(body, Contracts.MillraceJson.Options), attributes, token, options.SpanAnnotations);
    }
}

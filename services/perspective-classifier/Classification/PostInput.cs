using System.Text.Json;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>Reads a step's input into what can be scored, or into why it cannot.</summary>
internal sealed class PostInput(IReadOnlyList<string> textFields, int maxTextBytes)
{
    private const double SureEnough = 0.8;

    /// <returns>The URI and text as far as they could be read, and either a post or the reason why there is none.</returns>
    public (string Uri, string Text, PostToClassify? Post, PostClassification.Unlabelled? Problem) Read(JsonElement input)
    {
        var uri = ReadText(input, "uri") ?? ReadText(input, "id") ?? "";
        string text;
        try
        {
            text = string.Join(". ", textFields.Select(field => ReadText(input, field)).Where(part => !string.IsNullOrWhiteSpace(part)));
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json refuses to read half a surrogate pair.
            return (uri, "", null, new("INVALID_UTF16", "The text holds half a character (an unpaired surrogate)."));
        }
        var problem = TextProblem.Find(text, maxTextBytes);
        return problem is null ? (uri, text, Post(input, uri, text), null) : (uri, text, null, problem);
    }

    private static PostToClassify Post(JsonElement input, string uri, string text) => new(
        uri,
        text,
        Language(input),
        input.TryGetProperty("doNotStore", out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : null,
        ReadText(input, "communityId"),
        ReadText(input, "sessionId"));

    private static string? Language(JsonElement input)
    {
        if (!input.TryGetProperty("language", out var language))
            return null;
        if (language.ValueKind == JsonValueKind.String)
            return language.GetString();
        if (language.ValueKind != JsonValueKind.Object || ReadText(language, "code") is not { } code || code == "und")
            return null;
        return language.TryGetProperty("confidence", out var confidence) && confidence.TryGetDouble(out var sure) && sure >= SureEnough ? code : null;
    }

    private static string? ReadText(JsonElement input, string name) =>
        input.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

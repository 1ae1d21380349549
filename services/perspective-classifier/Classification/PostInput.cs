using System.Text.Json;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>Reads a step's input into what can be scored, or into why it cannot; whatever is wrong with it is of this post alone.</summary>
internal sealed class PostInput(IReadOnlyList<string> textFields, int maxTextBytes)
{
    private const double SureEnough = 0.8;

    /// <returns>Neither a post nor a problem if the input holds none of the text's fields.</returns>
    public InputRead Read(JsonElement input)
    {
        var read = new InputRead("", "", null, null);
        try
        {
            if (input.ValueKind != JsonValueKind.Object || !textFields.Any(field => input.TryGetProperty(field, out _)))
                return read;
            read = read with { Uri = ReadText(input, "uri") ?? ReadText(input, "id") ?? "" };
            read = read with { Text = string.Join(". ", textFields.Select(field => ReadText(input, field)).Where(part => !string.IsNullOrWhiteSpace(part))) };
            return TextProblem.Find(read.Text, maxTextBytes) is { } problem
                ? read with { Problem = problem }
                : read with { Post = Post(input, read.Uri, read.Text) };
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json refuses to read half a surrogate pair, in a field's name too.
            return read with { Problem = new("INVALID_UTF16", "The text or another field holds half a character (an unpaired surrogate).") };
        }
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
            return LanguageName.Of(language.GetString()!);
        if (language.ValueKind != JsonValueKind.Object || ReadText(language, "code") is not { } code)
            return null;
        return IsSure(language) ? LanguageName.Of(code) : null;
    }

    /// <summary>The language is a hint and no more: one that cannot be read leaves a good text to the API's own detection.</summary>
    private static bool IsSure(JsonElement language) =>
        language.TryGetProperty("confidence", out var confidence) && confidence.ValueKind == JsonValueKind.Number
        && confidence.TryGetDouble(out var sure) && sure >= SureEnough;

    private static string? ReadText(JsonElement input, string name) =>
        input.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>What could be read of an input.</summary>
/// <param name="Uri">Empty if there is none.</param>
/// <param name="Problem">Why there is no post.</param>
internal sealed record InputRead(string Uri, string Text, PostToClassify? Post, PostClassification.Unlabelled? Problem);

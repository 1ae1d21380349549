using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.PerspectiveEmulator;

/// <summary>The contract of <c>comments:analyze</c>, checked in full. Scores are a hash of text and attribute: they mean nothing.</summary>
internal static class Contract
{
    private const int MaxTextBytes = 20_480;

    private static readonly HashSet<string> Fields =
        ["comment", "context", "requestedAttributes", "languages", "doNotStore", "clientToken", "sessionId", "communityId", "spanAnnotations"];

    private static readonly string[] Production = ["TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"];

    private static readonly string[] ProductionLanguages =
        ["ar", "zh", "cs", "nl", "en", "fr", "de", "hi", "hi-Latn", "id", "it", "ja", "ko", "pl", "pt", "ru", "es", "sv"];

    private static readonly HashSet<string> EnglishOnly =
    [
        .. Production.Select(name => name + "_EXPERIMENTAL"), "SEXUALLY_EXPLICIT", "FLIRTATION",
        "ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER", "INCOHERENT", "INFLAMMATORY", "LIKELY_TO_REJECT", "OBSCENE", "SPAM", "UNSUBSTANTIAL",
        "AFFINITY_EXPERIMENTAL", "COMPASSION_EXPERIMENTAL", "CURIOSITY_EXPERIMENTAL", "NUANCE_EXPERIMENTAL",
        "PERSONAL_STORY_EXPERIMENTAL", "REASONING_EXPERIMENTAL", "RESPECT_EXPERIMENTAL", "ALIENATION_EXPERIMENTAL",
        "FEARMONGERING_EXPERIMENTAL", "GENERALIZATION_EXPERIMENTAL", "MORAL_OUTRAGE_EXPERIMENTAL", "POWER_APPEAL_EXPERIMENTAL",
        "SCAPEGOATING_EXPERIMENTAL",
    ];

    /// <param name="moreLanguages">In which the production attributes are scored beside those of the documents.</param>
    public static (int Status, JsonObject Body) Analyze(ReadOnlyMemory<byte> body, IReadOnlyCollection<string> moreLanguages)
    {
        JsonObject call;
        try
        {
            call = JsonNode.Parse(body.Span) as JsonObject ?? throw new JsonException("The root must be an object.");
        }
        catch (JsonException wrong)
        {
            return Errors.Malformed("Invalid JSON payload received. " + wrong.Message);
        }
        try
        {
            return Check(call, moreLanguages);
        }
        catch (InvalidOperationException)
        {
            return Errors.Malformed("Invalid value in the JSON payload.");
        }
    }

    private static (int Status, JsonObject Body) Check(JsonObject call, IReadOnlyCollection<string> moreLanguages)
    {
        if (call.FirstOrDefault(field => !Fields.Contains(field.Key)).Key is { } unknown)
            return Errors.Malformed($"Invalid JSON payload received. Unknown name \"{unknown}\": Cannot find field.");
        var text = call["comment"]?["text"]?.GetValue<string>() ?? "";
        if (call["comment"]?["type"]?.GetValue<string>() is { } type and not "PLAIN_TEXT")
            return Errors.Invalid("INVALID_REQUEST", $"Currently, only 'PLAIN_TEXT' comments are supported, not '{type}'");
        if (string.IsNullOrWhiteSpace(text))
            return Errors.Invalid("COMMENT_EMPTY", "Comment must be non-empty.");
        if (Encoding.UTF8.GetByteCount(text) is > MaxTextBytes and var bytes)
            return Errors.Invalid("COMMENT_TOO_LONG", $"Comment text was too many bytes. Value ({bytes}) exceeded limit ({MaxTextBytes}).");
        if (call["requestedAttributes"] is not JsonObject { Count: > 0 } attributes)
            return Errors.Invalid("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes");
        return Score(call, text, attributes, moreLanguages);
    }

    private static (int Status, JsonObject Body) Score(JsonObject call, string text, JsonObject attributes, IReadOnlyCollection<string> moreLanguages)
    {
        var requested = call["languages"]?.AsArray().Select(item => item?.GetValue<string>() ?? throw new InvalidOperationException("null is no language")).ToList() ?? [];
        var detected = Languages.Detect(text);
        if (requested.Count == 0 && detected.Count == 0)
            return Errors.Invalid("LANGUAGE_DETECTION_FAILED", "Unable to detect language");
        var languages = requested.Count > 0 ? requested : detected;
        var scores = new JsonObject();
        foreach (var (name, settings) in attributes)
        {
            var production = Production.Contains(name);
            if (!production && !EnglishOnly.Contains(name))
                return Errors.Malformed($"Unknown requested attribute: {name}");
            if (settings?["scoreType"]?.GetValue<string>() is { } scoreType and not ("PROBABILITY" or "SCORE_TYPE_UNSPECIFIED"))
                return Errors.Invalid("INVALID_REQUEST", $"Requested score type {scoreType} is not supported by attribute {name}");
            var threshold = settings?["scoreThreshold"]?.GetValue<double>() ?? 0;
            if (threshold is not (>= 0 and <= 1))
                return Errors.Invalid("INVALID_REQUEST", $"Score threshold of attribute {name} must be between 0 and 1");
            if (languages.Any(language => production ? !ProductionLanguages.Contains(language) && !moreLanguages.Contains(language) : language != "en"))
                return Unsupported(name, languages, requested.Count > 0);
            var value = Value(text, name);
            if (value >= threshold)
                scores[name] = Summary(value, call["spanAnnotations"]?.GetValue<bool>() == true ? Spans(text) : [(0, text.Length)]);
        }
        return (200, new JsonObject
        {
            ["attributeScores"] = scores,
            ["languages"] = new JsonArray([.. languages.Select(language => JsonValue.Create(language))]),
            ["detectedLanguages"] = new JsonArray([.. detected.Select(language => JsonValue.Create(language))]),
            ["clientToken"] = call["clientToken"]?.DeepClone(),
        });
    }

    private static (int Status, JsonObject Body) Unsupported(string attribute, List<string> languages, bool requested) =>
        Errors.Invalid(
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
            $"Attribute {attribute} does not support request languages: {string.Join(", ", languages)}",
            new JsonObject
            {
                ["languageNotSupportedByAttributeError"] = new JsonObject
                {
                    ["attribute"] = attribute,
                    [requested ? "requestedLanguages" : "detectedLanguages"] = new JsonArray([.. languages.Select(language => JsonValue.Create(language))]),
                },
            });

    private static JsonObject Summary(double value, IEnumerable<(int Begin, int End)> spans) => new()
    {
        ["spanScores"] = new JsonArray([.. spans.Select(span => new JsonObject
        {
            ["begin"] = span.Begin,
            ["end"] = span.End,
            ["score"] = new JsonObject { ["value"] = value, ["type"] = "PROBABILITY" },
        })]),
        ["summaryScore"] = new JsonObject { ["value"] = value, ["type"] = "PROBABILITY" },
    };

    /// <summary>The words: enough to see that each span keeps its place.</summary>
    private static IEnumerable<(int Begin, int End)> Spans(string text)
    {
        var begin = 0;
        foreach (var word in text.Split(' '))
        {
            if (word.Length > 0)
                yield return (begin, begin + word.Length);
            begin += word.Length + 1;
        }
    }

    private static double Value(string text, string attribute)
    {
        var hash = 2166136261u;
        foreach (var symbol in attribute + text)
            hash = unchecked((hash ^ symbol) * 16777619u);
        return Math.Round(hash % 10_000 / 10_000.0, 4);
    }
}

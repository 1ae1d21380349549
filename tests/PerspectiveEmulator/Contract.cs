using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.PerspectiveClassifier.Api;

namespace Millrace.PerspectiveEmulator;

/// <summary>The contract of <c>comments:analyze</c> and <c>comments:suggestscore</c>, checked in full. Scores are a hash of text and attribute: they mean nothing.</summary>
internal static class Contract
{
    private const int MaxTextBytes = 20_480;

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
    public static (int Status, JsonObject Body) Analyze(ReadOnlyMemory<byte> body, IReadOnlyCollection<string> moreLanguages) =>
        Read(body, ContractMessage.Analyze, call => Problem(call, "requestedAttributes", "Missing requested_attributes") ?? Score(call, moreLanguages));

    /// <summary>A suggestion is checked and nothing is kept of it.</summary>
    public static (int Status, JsonObject Body) Suggest(ReadOnlyMemory<byte> body) =>
        Read(body, ContractMessage.Suggest, call => Problem(call, "attributeScores", "Missing attribute_scores") ?? (200, new JsonObject
        {
            ["detectedLanguages"] = Texts(Languages.Detect(Text(call))),
            ["requestedLanguages"] = call["languages"]?.DeepClone() ?? new JsonArray(),
            ["clientToken"] = call["clientToken"]?.DeepClone(),
        }));

    private static (int Status, JsonObject Body) Read(ReadOnlyMemory<byte> body, ContractMessage message, Func<JsonObject, (int, JsonObject)> answer)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return message.Problem(document.RootElement) is { } problem
                ? Errors.Malformed("Invalid JSON payload received. " + problem)
                : answer(CamelCase.Of(JsonObject.Create(document.RootElement.Clone())!));
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException)
        {
            return Errors.Malformed("Invalid JSON payload received. " + wrong.Message);
        }
    }

    private static string Text(JsonObject call) => call["comment"]?["text"]?.GetValue<string>() ?? "";

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static (int Status, JsonObject Body)? Problem(JsonObject call, string attributes, string missing)
    {
        var text = Text(call);
        if (call["comment"]?["type"]?.GetValue<string>() is { } type and not ("PLAIN_TEXT" or "TEXT_TYPE_UNSPECIFIED"))
            return Errors.Invalid("INVALID_REQUEST", $"Currently, only 'PLAIN_TEXT' comments are supported, not '{type}'");
        if (string.IsNullOrWhiteSpace(text))
            return Errors.Invalid("COMMENT_EMPTY", "Comment must be non-empty.");
        if (Encoding.UTF8.GetByteCount(text) is > MaxTextBytes and var bytes)
            return Errors.Invalid("COMMENT_TOO_LONG", $"Comment text was too many bytes. Value ({bytes}) exceeded limit ({MaxTextBytes}).");
        return call[attributes] is JsonObject { Count: > 0 } ? null : Errors.Invalid("NO_REQUESTED_ATTRIBUTES", missing);
    }

    private static (int Status, JsonObject Body) Score(JsonObject call, IReadOnlyCollection<string> moreLanguages)
    {
        var text = Text(call);
        var requested = call["languages"]?.AsArray().Select(item => item!.GetValue<string>()).ToList() ?? [];
        var detected = Languages.Detect(text);
        if (requested.Count == 0 && detected.Count == 0)
            return Errors.Invalid("LANGUAGE_DETECTION_FAILED", "Unable to detect language");
        var languages = requested.Count > 0 ? requested : detected;
        var scores = new JsonObject();
        foreach (var (name, settings) in call["requestedAttributes"]!.AsObject())
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
            ["languages"] = Texts(languages),
            ["detectedLanguages"] = Texts(detected),
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
                    [requested ? "requestedLanguages" : "detectedLanguages"] = Texts(languages),
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

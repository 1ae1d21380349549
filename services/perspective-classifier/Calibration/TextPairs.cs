using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Contracts;
using Millrace.Inference;
using Millrace.Language;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Local;

namespace Millrace.PerspectiveClassifier.Calibration;

/// <summary>Which texts were scored by the reference, and what is to score them here.</summary>
/// <param name="ReferenceField">The number of each line that the reference gave.</param>
/// <param name="Attribute">What that number is of.</param>
/// <param name="Model">Folder of the local model.</param>
/// <param name="Languages">What the model scores, as <see cref="ClassifierInstanceOptions.Languages"/> says it; null: as it comes.</param>
public sealed record TextPairsOptions(
    string ReferenceField, string Attribute = "TOXICITY", string Model = ClassifierInstanceOptions.DefaultModel, string[]? Languages = null);

/// <summary>A calibration from texts with recorded scores: the local model scores them now.</summary>
public static class TextPairs
{
    private const int BatchSize = 64;

    /// <param name="path">JSON Lines: <c>text</c> and the reference's number; lines without either, or of texts that cannot be scored, are left out.</param>
    /// <exception cref="InvalidDataException">A line is not JSON, or too few are left.</exception>
    /// <exception cref="ConfigurationException">There is no such model, or it does not score the attribute.</exception>
    public static async Task<CalibrationFile> FitAsync(string path, TextPairsOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var instance = new ClassifierInstanceOptions { Model = options.Model, Attributes = [options.Attribute] };
        await using var provider = await OnnxProvider.LoadAsync(
            options.Languages is { } languages ? instance with { Languages = languages } : instance,
            new InferenceOptions(), calibrated: false, new LanguageIdentifier(), clock, NullLoggerFactory.Instance, cancellationToken);
        if (provider.Available.Count == 0)
            throw new ConfigurationException($"The model in {options.Model} does not score {options.Attribute}.");
        var pairs = new List<ScorePair>();
        foreach (var batch in Read(path, options.ReferenceField).Chunk(BatchSize))
        {
            var found = await provider.ClassifyAsync([.. batch.Select(line => line.Post)], cancellationToken);
            pairs.AddRange(batch.Zip(found)
                .Where(pair => pair.Second is PostClassification.Labelled)
                .Select(pair => new ScorePair(((PostClassification.Labelled)pair.Second).Scores[options.Attribute], pair.First.Reference)));
        }
        return CalibrationFit.Fit(new Dictionary<string, IReadOnlyList<ScorePair>> { [options.Attribute] = pairs }, provider.Revision, clock.GetUtcNow())
            ?? throw new InvalidDataException($"{path}: {pairs.Count} texts with '{options.ReferenceField}' from 0 to 1; {CalibrationFit.LeastPairs} are needed.");
    }

    private static IEnumerable<(PostToClassify Post, double Reference)> Read(string path, string field)
    {
        var reader = new PostInput(["text"], new ClassifierInstanceOptions().MaxTextBytes);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            using var document = Parse(line, $"{path}:{number}");
            if (Reference(document.RootElement, field) is { } reference && reader.Read(document.RootElement).Post is { } post)
                yield return (post, reference);
        }
    }

    private static double? Reference(JsonElement line, string field)
    {
        try
        {
            return line.ValueKind == JsonValueKind.Object && line.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number
                && value.TryGetDouble(out var reference) && reference is >= 0 and <= 1
                    ? reference
                    : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in a field's name.
            return null;
        }
    }

    private static JsonDocument Parse(string line, string place)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException($"{place}: {wrong.Message}");
        }
    }
}

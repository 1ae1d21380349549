using System.Text.Json;

namespace Millrace.PerspectiveClassifier.Calibration;

/// <summary>
/// Recorded scores, one JSON object a line, in any of these shapes: a label record of the provider <c>shadow</c> (its <c>scores</c>
/// count, its <c>shadow</c> is the local model's), also as the output of a step inside a result;
/// <c>{"scores":{NAME:0.3},"reference":{NAME:0.5}}</c>; <c>{"attribute":NAME,"score":0.3,"reference":0.5}</c>. A record without a
/// pair is none's mistake: a post that was not kept, not labelled, or not scored by both for the same attribute.
/// </summary>
/// <param name="ModelRevision">The local model's; null if no line names one.</param>
/// <param name="Skipped">Records without a pair.</param>
public sealed record RecordedPairs(IReadOnlyDictionary<string, IReadOnlyList<ScorePair>> Pairs, string? ModelRevision, int Skipped)
{
    /// <exception cref="InvalidDataException">
    /// A line is no JSON object or a score no probability, and its number is named; or the lines are of several model revisions, which are named.
    /// </exception>
    public static RecordedPairs Read(IEnumerable<string> lines, string source)
    {
        var pairs = new Dictionary<string, List<ScorePair>>();
        var revisions = new SortedSet<string>(StringComparer.Ordinal);
        var number = 0;
        var skipped = 0;
        foreach (var line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                using var document = JsonDocument.Parse(line);
                skipped += Add(Record(document.RootElement), pairs, revisions) ? 0 : 1;
            }
            catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException)
            {
                throw new InvalidDataException($"{source}:{number}: {wrong.Message}");
            }
        }
        if (revisions.Count > 1)
            throw new InvalidDataException(
                $"{source}: the lines are of several model revisions ({string.Join(", ", revisions)}), whose scores mean different things; fit the lines of one 'shadow_revision' alone.");
        return new RecordedPairs(
            pairs.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<ScorePair>)pair.Value), revisions.SingleOrDefault(), skipped);
    }

    private static JsonElement Record(JsonElement line) =>
        line.ValueKind == JsonValueKind.Object && line.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Object ? result : line;

    private static bool Add(JsonElement record, Dictionary<string, List<ScorePair>> pairs, SortedSet<string> revisions)
    {
        if (record.TryGetProperty("attribute", out var attribute))
        {
            AddPair(pairs, attribute.GetString()!, record.GetProperty("score").GetDouble(), record.GetProperty("reference").GetDouble());
            return true;
        }
        if (!record.TryGetProperty("scores", out var scores) || scores.ValueKind == JsonValueKind.Null)
            return false;
        if (record.TryGetProperty("shadow", out var shadow) && shadow.ValueKind != JsonValueKind.Null)
        {
            if (!AddAll(pairs, shadow, scores))
                return false;
            if (record.TryGetProperty("shadow_revision", out var revision) && revision.GetString() is { } name)
                revisions.Add(name);
            return true;
        }
        if (!record.TryGetProperty("reference", out var reference) || reference.ValueKind == JsonValueKind.Null)
            return false;
        return AddAll(pairs, scores, reference);
    }

    /// <returns>False if no attribute has a score on both sides.</returns>
    private static bool AddAll(Dictionary<string, List<ScorePair>> pairs, JsonElement local, JsonElement reference)
    {
        var any = false;
        foreach (var score in local.EnumerateObject())
        {
            if (!reference.TryGetProperty(score.Name, out var counts))
                continue;
            AddPair(pairs, score.Name, score.Value.GetDouble(), counts.GetDouble());
            any = true;
        }
        return any;
    }

    private static void AddPair(Dictionary<string, List<ScorePair>> pairs, string attribute, double score, double reference)
    {
        if (score is not (>= 0 and <= 1) || reference is not (>= 0 and <= 1))
            throw new FormatException($"{attribute}: a score is no probability from 0 to 1.");
        if (!pairs.TryGetValue(attribute, out var list))
            pairs[attribute] = list = [];
        list.Add(new ScorePair(score, reference));
    }
}

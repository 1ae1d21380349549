using System.Text.Json;
using Millrace.DriftMonitor.Sources;
using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Offline;

/// <summary>A file of vectors is wrong; says where and what.</summary>
public sealed class DriftFileException(string message) : Exception(message);

/// <param name="RowsA">Vectors in the first file.</param>
public sealed record DriftReport(
    int RowsA, int RowsB, int Dimensions, string Method, double Mmd2, double EffectSize, double PValue, double Threshold, double Level, bool Drift);

/// <summary>The two-sample test on files: one JSON line a post, bare vectors or objects that hold one.</summary>
public static class DriftComparison
{
    /// <summary>Up to this many rows in both files together every pair is compared; above it random features are used.</summary>
    public const int MaxExactRows = 40_000;

    /// <param name="path">Dotted path to the vector in each line; null: the line is the vector, or holds <c>embedding</c>.</param>
    /// <exception cref="DriftFileException">A line is no vector, or their lengths differ.</exception>
    public static Samples ReadFile(string file, string? path)
    {
        var values = new List<float>();
        var (number, dimensions) = (0, 0);
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var vector = ReadLine(line, path, $"{file}:{number}");
            dimensions = dimensions == 0 ? vector.Length : dimensions;
            if (vector.Length != dimensions)
                throw new DriftFileException($"{file}:{number}: the vector has {vector.Length} dimensions, those before have {dimensions}.");
            values.AddRange(vector);
        }
        return values.Count > 0 ? new Samples([.. values], dimensions) : throw new DriftFileException($"{file}: there are no vectors in it.");
    }

    public static DriftReport Compare(Samples a, Samples b, double level, int permutations, int frequencies, int seed, CancellationToken cancellationToken)
    {
        var result = a.Count + b.Count <= MaxExactRows
            ? ExactMmdTest.Run(a, b, permutations, level, seed, cancellationToken)
            : ByFeatures(a, b, level, permutations, frequencies, seed);
        return new DriftReport(
            a.Count, b.Count, a.Dimensions, result.Method, result.Mmd2, result.EffectSize, result.PValue, result.Threshold, level, result.IsDrift(level));
    }

    private static MmdResult ByFeatures(Samples a, Samples b, double level, int permutations, int frequencies, int seed)
    {
        if (a.Dimensions != b.Dimensions)
            throw new ArgumentException($"Vectors of {a.Dimensions} and of {b.Dimensions} dimensions cannot be compared.");
        var features = new RandomFeatures(a.Dimensions, frequencies, Bandwidth.Median(a, b), seed);
        var plan = BlockPlan.For(a.Count, b.Count);
        var left = FeatureSums.Of(features, a, plan.First, plan.RowsPerBlock);
        var right = FeatureSums.Of(features, b, plan.Second, plan.RowsPerBlock);
        return FeatureMmdTest.Run(left, right, features.Bandwidth, permutations, level, seed);
    }

    private static float[] ReadLine(string line, string? path, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var element = Find(document.RootElement, path ?? (document.RootElement.ValueKind == JsonValueKind.Object ? "embedding" : ""));
            if (element is { } found && VectorReader.TryRead(found, out var vector))
                return vector;
        }
        catch (JsonException error)
        {
            throw new DriftFileException($"{place}: this is no JSON: {error.Message}");
        }
        throw new DriftFileException($"{place}: there is no vector at '{path ?? "embedding"}'; name its place with --path.");
    }

    private static JsonElement? Find(JsonElement element, string path)
    {
        foreach (var name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }
        return element;
    }
}

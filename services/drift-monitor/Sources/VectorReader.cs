using System.Runtime.InteropServices;
using System.Text.Json;

namespace Millrace.DriftMonitor.Sources;

/// <param name="Source">The name of the source.</param>
/// <param name="Detector">The source's name and the model's revision; of one part of an object <c>source.part@revision</c>.</param>
/// <param name="Post">The request's key, or its id if it has none.</param>
/// <param name="Vector">Null: something stands there that is no vector.</param>
public sealed record PostVector(string Source, string Detector, string Post, float[]? Vector);

/// <summary>Finds the watched vectors in the final view of a request.</summary>
public static class VectorReader
{
    private const int MaxDimensions = 16_384;

    private const int MaxNameLength = 256;

    /// <summary>
    /// A number is a vector of one dimension. Of an object each value is a vector of its own, with a detector of its own; a value that
    /// is missing or null is nothing, and leaves the others as they are.
    /// </summary>
    /// <exception cref="InvalidOperationException">A name or a text is not valid Unicode.</exception>
    public static IEnumerable<PostVector> Read(JsonElement view, IReadOnlyList<DriftSourceOptions> sources)
    {
        if (view.ValueKind != JsonValueKind.Object || !view.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.Object)
            yield break;
        var post = Text(view, "key") ?? Text(view, "id") ?? "";
        foreach (var source in sources)
        {
            foreach (var (name, element) in Parts(source.Name, Find(result, source.VectorPath.Split('.'))))
                yield return Take(source.Name, $"{name}@{Revision(result, source)}", post, element);
        }
    }

    /// <summary>
    /// Reads a number, an array of them, base64 of little-endian floats, or an object whose numbers are taken in order of their names;
    /// false if it is none of them, empty, too long or not finite.
    /// </summary>
    public static bool TryRead(JsonElement element, out float[] vector)
    {
        vector = element.ValueKind switch
        {
            JsonValueKind.Number => [element.GetSingle()],
            JsonValueKind.Array when element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number) =>
                [.. element.EnumerateArray().Select(item => item.GetSingle())],
            JsonValueKind.String when element.TryGetBytesFromBase64(out var bytes) && bytes.Length % sizeof(float) == 0 =>
                MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            JsonValueKind.Object =>
                [.. element.EnumerateObject().Where(item => item.Value.ValueKind == JsonValueKind.Number)
                    .OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => item.Value.GetSingle())],
            _ => [],
        };
        return vector.Length is > 0 and <= MaxDimensions && vector.All(float.IsFinite);
    }

    private static IEnumerable<(string Name, JsonElement Element)> Parts(string source, JsonElement? found)
    {
        if (found is not { } element)
            return [];
        var parts = element.ValueKind == JsonValueKind.Object
            ? element.EnumerateObject().Select(part => ($"{source}.{part.Name}", part.Value))
            : [(source, element)];
        return parts.Where(part => part.Item2.ValueKind != JsonValueKind.Null);
    }

    private static PostVector Take(string source, string detector, string post, JsonElement element)
    {
        var mayBe = detector.Length <= MaxNameLength && element.ValueKind != JsonValueKind.Object;
        return new PostVector(source, detector, post, mayBe && TryRead(element, out var vector) ? vector : null);
    }

    private static string Revision(JsonElement result, DriftSourceOptions source) =>
        Find(result, source.RevisionPath.Split('.')) is { ValueKind: JsonValueKind.String } revision ? revision.GetString()! : "unknown";

    /// <returns>What stands at the end of these names, or null.</returns>
    internal static JsonElement? Find(JsonElement element, string[] path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }
        return element;
    }

    internal static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

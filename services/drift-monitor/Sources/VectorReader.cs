using System.Runtime.InteropServices;
using System.Text.Json;

namespace Millrace.DriftMonitor.Sources;

/// <param name="Detector">The source's name and the model's revision.</param>
/// <param name="Post">The request's key, or its id if it has none.</param>
public sealed record PostVector(string Detector, string Post, float[] Vector);

/// <summary>Finds the watched vectors in the final view of a request.</summary>
public static class VectorReader
{
    private const int MaxDimensions = 16_384;

    public static IEnumerable<PostVector> Read(JsonElement view, IReadOnlyList<DriftSourceOptions> sources)
    {
        if (!view.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.Object)
            yield break;
        var post = Text(view, "key") ?? Text(view, "id") ?? "";
        foreach (var source in sources)
        {
            if (Find(result, source.VectorPath) is { } found && TryRead(found, out var vector))
                yield return new PostVector($"{source.Name}@{Revision(result, source)}", post, vector);
        }
    }

    /// <summary>Reads an array, base64 or an object; false if it is none of them, empty, too long or not finite.</summary>
    public static bool TryRead(JsonElement element, out float[] vector)
    {
        vector = element.ValueKind switch
        {
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

    private static string Revision(JsonElement result, DriftSourceOptions source) =>
        Find(result, source.RevisionPath) is { ValueKind: JsonValueKind.String } revision ? revision.GetString()! : "unknown";

    private static JsonElement? Find(JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }
        return element;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

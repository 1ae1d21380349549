using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Under which name the output of a step is kept: its workflow, name, queue and rule, what its input holds at the rule's paths, and
/// which of the fields that an output may repeat it has: so an output finds what it repeats in every input that it answers.
/// </summary>
internal static class CacheKey
{
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = StepInput.MaxDepth };

    /// <summary>
    /// Null if the step has no cache, or its input lacks anything that the key is made of: what is not there or null says nothing
    /// about the rest of the input. Null also if the input can't be read; whoever sends it says so.
    /// </summary>
    public static string? Of(RunningRequest request, int step)
    {
        if (request.Graph.Steps[step] is not { Cache: { } rule } definition)
            return null;
        try
        {
            using var input = JsonDocument.Parse(StepInput.Of(request.Definition, request.State, step), Limits);
            var text = new StringBuilder();
            Add(text, request.KeyOf(step).ToString());
            Add(text, definition.Queue);
            Add(text, rule.Number.ToString(CultureInfo.InvariantCulture));
            foreach (var path in rule.Key)
            {
                if (Find(input.RootElement, path) is not { } value)
                    return null;
                Add(text, path);
                Add(text, value);
            }
            foreach (var name in rule.Echo)
                Add(text, input.RootElement.TryGetProperty(name, out var echoed) ? $"{name} {echoed.ValueKind}" : "");
            return "step/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>With its length, so that no two lists of parts read the same.</summary>
    private static void Add(StringBuilder text, string part) => text.Append(part.Length).Append(':').Append(part).Append('\n');

    private static string? Find(JsonElement value, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
                return null;
        }
        return value.ValueKind == JsonValueKind.Null ? null : value.GetRawText();
    }
}

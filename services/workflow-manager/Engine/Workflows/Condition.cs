using System.Collections.Immutable;
using System.Text.Json;

namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>One pair of a step's <c>when</c>.</summary>
/// <param name="Path">A key of the step's input, or names joined by dots that lead into it.</param>
/// <param name="AnyOf">It holds if the value there equals one of these scalars; what is not there equals null.</param>
public sealed record Condition(string Path, ImmutableArray<JsonElement> AnyOf)
{
    public bool Holds(JsonElement input)
    {
        var isThere = Find(input, out var value);
        foreach (var wanted in AnyOf)
        {
            if (isThere ? JsonElement.DeepEquals(value, wanted) : wanted.ValueKind == JsonValueKind.Null)
                return true;
        }
        return false;
    }

    private bool Find(JsonElement input, out JsonElement value)
    {
        value = input;
        if (input.ValueKind == JsonValueKind.Object && input.TryGetProperty(Path, out value))
            return true;
        value = input;
        foreach (var name in Path.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
                return false;
        }
        return true;
    }
}

using System.Text.Json;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>
/// JSON may escape half a surrogate pair. In a value it does no harm, for values travel as they are written; in the name of a
/// property no reader can look anything up beside it.
/// </summary>
internal static class UnicodeNames
{
    /// <param name="json">The text of <paramref name="root"/>; without an escape in it nothing is walked through.</param>
    public static bool AreValid(JsonElement root, ReadOnlySpan<byte> json) => json.IndexOf("\\u"u8) < 0 || AreValid(root);

    private static bool AreValid(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(property => IsValid(property) && AreValid(property.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(AreValid),
        _ => true,
    };

    private static bool IsValid(JsonProperty property)
    {
        try
        {
            return property.Name is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}

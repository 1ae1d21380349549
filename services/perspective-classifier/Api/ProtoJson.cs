using System.Text.Json;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>Fields of a message as proto3's JSON mapping writes them.</summary>
internal static class ProtoJson
{
    /// <returns>The field under its name or its name in snake case; null if it is absent or null.</returns>
    /// <exception cref="InvalidOperationException">The message is no JSON object.</exception>
    public static JsonElement? Field(this JsonElement message, string name) =>
        (message.TryGetProperty(name, out var value) || message.TryGetProperty(SnakeCase(name), out value)) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static string SnakeCase(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}

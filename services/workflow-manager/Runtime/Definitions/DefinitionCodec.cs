using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Runtime.Definitions;

/// <summary>
/// Definitions as documents, so that requests keep theirs when its file has long changed. One with a member that this build doesn't know
/// is none that it can run: its requests are left to the newer build that wrote it. So a new member is nullable, and not written where it is null.
/// </summary>
public static class DefinitionCodec
{
    private static readonly JsonSerializerOptions Options = new(MillraceJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { DropWhatFollows } },
    };

    public static ReadOnlyMemory<byte> Write(WorkflowDefinition definition) => JsonSerializer.SerializeToUtf8Bytes(definition, Options);

    /// <exception cref="JsonException">The body is no definition, or has a member that this build does not know.</exception>
    public static WorkflowDefinition Read(ReadOnlyMemory<byte> body) =>
        JsonSerializer.Deserialize<WorkflowDefinition>(body.Span, Options) ?? throw new InvalidDataException("The stored definition is null.");

    /// <summary>What has no public setter is computed from the rest.</summary>
    private static void DropWhatFollows(JsonTypeInfo type)
    {
        if (type.Type.Namespace != typeof(WorkflowDefinition).Namespace || type.Kind != JsonTypeInfoKind.Object)
            return;
        foreach (var property in type.Properties.Where(property => property.Name is "graph" or "version" or "interval").ToList())
            type.Properties.Remove(property);
    }
}

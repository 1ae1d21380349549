using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Tests.Runtime.Codec;

/// <summary>Records around the bytes of a state, for its codec.</summary>
internal static class StateRecords
{
    public static RequestRecord Of(RequestState state, ReadOnlyMemory<byte> bytes) => new()
    {
        Id = state.Id,
        Workflow = "w",
        DefinitionHash = "h",
        Status = "running",
        CreatedAt = state.CreatedAt,
        UpdatedAt = state.UpdatedAt,
        Version = 1,
        State = bytes,
    };
}

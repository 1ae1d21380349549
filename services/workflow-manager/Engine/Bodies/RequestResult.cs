using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>The outputs of the last steps in one object, the first in declaration order wins.</summary>
public static class RequestResult
{
    /// <returns>UTF-8 JSON object; null unless the request has completed.</returns>
    public static ReadOnlyMemory<byte>? Of(WorkflowDefinition definition, RequestState state)
    {
        if (state.Status != RequestStatus.Completed)
            return null;
        return new StepBodies(definition, state).Merge(definition.GraphOf(state.Scope).Leaves);
    }
}

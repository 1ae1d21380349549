using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine;

/// <summary>
/// Decides what becomes of a request: a pure function, the same answer for the same question whoever asks and how often.
/// </summary>
public static class WorkflowEngine
{
    /// <param name="definition">The version that the request started with.</param>
    /// <param name="state"><see cref="RequestState.None"/> for <see cref="RequestEvent.Accepted"/>; outputs loaded.</param>
    public static Transition Apply(WorkflowDefinition definition, RequestState state, RequestEvent happened)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(happened);
        return Transition.Unchanged(state);
    }
}

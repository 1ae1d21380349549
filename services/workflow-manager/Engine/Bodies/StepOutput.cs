using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>What a step hands on. A skipped step hands on its input, so nothing that was carried is lost.</summary>
public static class StepOutput
{
    /// <returns>UTF-8 JSON object.</returns>
    /// <exception cref="InvalidOperationException">The step is not done, or its output is not loaded.</exception>
    public static ReadOnlyMemory<byte> Of(WorkflowDefinition definition, RequestState state, int step) =>
        new StepBodies(definition, state).Output(step);
}

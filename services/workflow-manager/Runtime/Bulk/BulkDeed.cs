using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Bulk;

/// <summary>What is done to each of many requests.</summary>
/// <param name="Refuse">Why it can't be done to a request as it stands, in one sentence; null if it can.</param>
internal sealed record BulkDeed(Func<Guid, RequestWork> Work, Func<WorkflowDefinition, RequestState, string?> Refuse)
{
    public static BulkDeed Cancel(string by) => new(id => Works.Cancel(id, by), (_, state) => state.IsFinished ? "It has ended already." : null);

    /// <param name="fromStep">Null: from what failed or was cancelled.</param>
    /// <param name="keepsItems">Only the items of that step's task that did not complete.</param>
    public static BulkDeed Redrive(string? fromStep, string by, bool keepsItems = false) => new(
        id => Works.Redrive(id, fromStep, by, keepsItems),
        (definition, state) => RedriveRule.Refuse(
            definition, state, fromStep is null ? null : definition.GraphOf(state.Scope).IndexOf(fromStep), keepsItems));
}

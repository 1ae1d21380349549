using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Ingest;

namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>Requests as they are shown.</summary>
internal static class RequestViews
{
    /// <summary>For the exchange <c>results</c>: without the payload, which the sender knows.</summary>
    public static RequestView Final(RunningRequest request) => Show(request, WhyOf(request)) with { Input = null };

    public static RequestView Show(RunningRequest request, WhyView? why)
    {
        var (record, state) = (request.Record, request.State);
        return new RequestView(
            record.Id, record.Workflow, request.Definition.Version, record.Key, record.Status, why, record.CreatedAt, record.UpdatedAt,
            record.FinishedAt,
            record.Parent is { } parent ? new ParentView(parent.RequestId, parent.Step, parent.Index) : null,
            [.. request.Graph.Steps.Select((definition, index) => Show(definition, state.Steps[index]))],
            state.Input.IsEmpty ? null : new JsonBody(state.Input),
            RequestResult.Of(request.Definition, state) is { } result ? new JsonBody(result) : null,
            TraceParents.TraceIdOf(request.TraceParent));
    }

    /// <summary>What the row says by itself.</summary>
    public static RequestView ShowUnreadable(RequestRecord record, string problem) => new(
        record.Id, record.Workflow, record.DefinitionHash[..Math.Min(12, record.DefinitionHash.Length)], record.Key, record.Status,
        new WhyView(Engine.Reasons.WhyCodes.Unreadable, problem), record.CreatedAt, record.UpdatedAt, record.FinishedAt,
        record.Parent is { } parent ? new ParentView(parent.RequestId, parent.Step, parent.Index) : null, [], null, null);

    public static RequestItemView Item(RequestRecord record) => new(
        record.Id, record.Workflow, record.Key, record.Status, record.CreatedAt, record.UpdatedAt, record.ErrorCode, record.ErrorStep);

    private static StepView Show(StepDefinition definition, StepState step) => new(
        definition.Name,
        step.Status.Name(),
        step.Attempt,
        definition.Task is null ? definition.Queue : null,
        step.StartedAt,
        step.FinishedAt,
        step.Failure is { } failure ? new StepError(failure.Type, failure.Message, failure.Transient) : null,
        step.Task is { } task ? new ChildrenView(task.Total, task.Started, task.Finished.Count, task.Failed) : null,
        step.Output is { } output ? new JsonBody(output) : null);

    /// <summary>Needs no look around: the request has ended.</summary>
    private static WhyView? WhyOf(RunningRequest request) =>
        Engine.Reasons.Why.Of(request.Definition, request.State, request.Record.UpdatedAt, Engine.Reasons.WhyFacts.None) is { } why
            ? new WhyView(why.Code, why.Sentence, why.Step) : null;
}

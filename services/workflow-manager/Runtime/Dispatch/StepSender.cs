using System.Text.Json;
using Microsoft.Extensions.Logging;
using Millrace.Messaging;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Sends steps to their queues, or answers them from the step's cache.</summary>
internal sealed partial class StepSender(
    StepCache cache, MessageSender sender, StepHolds holds, WorkInbox inbox, WorkflowManagerOptions options, ILogger<StepSender> logger)
{
    /// <returns>Those whose queue does not take them now; all others are sent or answered.</returns>
    public async Task<IReadOnlyList<OpenEffect>> SendAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var dispatches = new List<StepDispatch>(effects.Count);
        var answers = new List<RequestWork>();
        foreach (var open in await cache.AnswerAsync([.. effects.Where(IsStillWanted)], answers, cancellationToken))
            Prepare(open, dispatches, answers);
        var messages = StepMessages.Write(dispatches, options.BatchMaxBytes).ToList();
        var unsent = await sender.SendAsync([.. messages.Select(each => each.Message)], cancellationToken);
        holds.Forget(messages.Select(each => each.Message.RoutingKey).Except(unsent.Select(each => each.Message.RoutingKey)));
        foreach (var each in unsent.DistinctBy(each => each.Message.RoutingKey))
            holds.Record(each);
        await inbox.RunAsync(answers, cancellationToken);
        if (unsent.Count == 0)
            return [];
        var refused = unsent.Select(each => each.Message).ToHashSet<OutgoingMessage>(ReferenceEqualityComparer.Instance);
        var left = messages.Where(each => refused.Contains(each.Message))
            .SelectMany(each => each.Carried).Select(dispatch => (dispatch.Address, dispatch.Attempt)).ToHashSet();
        return [.. effects.Where(open => open.Effect is Effect.DispatchStep dispatch && left.Contains((open.Request.AddressOf(dispatch.Step), dispatch.Attempt)))];
    }

    /// <summary>The request may have gone on since: in the same commit, or before a recovery.</summary>
    private static bool IsStillWanted(OpenEffect open)
    {
        var dispatch = (Effect.DispatchStep)open.Effect;
        var step = open.Request.State.Steps[dispatch.Step];
        return step.Status == StepStatus.Dispatched && step.Attempt == dispatch.Attempt;
    }

    private void Prepare(OpenEffect open, List<StepDispatch> dispatches, List<RequestWork> answers)
    {
        var (request, dispatch) = (open.Request, (Effect.DispatchStep)open.Effect);
        try
        {
            var definition = request.Graph.Steps[dispatch.Step];
            var input = StepInput.Of(request.Definition, request.State, dispatch.Step);
            if (input.Length > options.MaxMessageBytes)
            {
                answers.Add(Works.Fail(request.Id, dispatch.Step, dispatch.Attempt, new StepFailure(
                    "input_too_large", $"The step's input has {input.Length} bytes; a message takes at most {options.MaxMessageBytes}.")));
                return;
            }
            dispatches.Add(new StepDispatch(
                request.AddressOf(dispatch.Step), request.KeyOf(dispatch.Step), definition.Queue, dispatch.Attempt, definition.Batch,
                input, Earlier(request.State.Steps[dispatch.Step].DueAt, request.State.TimeoutAt),
                request.State.Priority ?? definition.Priority ?? request.Definition.Priority, request.TraceParent));
        }
        catch (Exception failure) when (failure is InvalidOperationException or JsonException)
        {
            // Bodies that no reader takes, such as a property name that is no Unicode: the step fails, and says why.
            LogBadInput(logger, request.Id, failure);
            answers.Add(Works.Fail(request.Id, dispatch.Step, dispatch.Attempt, new StepFailure("invalid_input", failure.Message)));
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The input of a step of request {RequestId} can't be put together")]
    private static partial void LogBadInput(ILogger logger, Guid requestId, Exception failure);
}

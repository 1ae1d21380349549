using System.Text.Json;
using Microsoft.Extensions.Logging;
using Millrace.Messaging;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Replies;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Sends steps to their queues, or answers them from the step's cache.</summary>
internal sealed partial class StepSender(
    StepCache cache, MessageSender sender, StepHolds holds, UnsentDispatches unsent, RequestReloader requests, WorkInbox inbox, ReplyQueues replies,
    WorkflowManagerOptions options, StoreClock clock, ILogger<StepSender> logger)
{
    /// <summary>What was decided so long ago is looked at again before it is sent.</summary>
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(5);

    /// <summary>Later than that, and than usual, is too late for the slot of a rate limit.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    private readonly UsualDelay _usual = new();

    /// <returns>Those whose queue does not take them now; all others are sent or answered.</returns>
    public async Task<IReadOnlyList<OpenEffect>> SendAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var answers = new List<RequestWork>();
        var carried = new Dictionary<OutgoingMessage, IReadOnlyList<StepDispatch>>(ReferenceEqualityComparer.Instance);
        var old = effects.ToLookup(IsOld);
        var known = old[true].Any() ? [.. old[false], .. await requests.ReloadAsync([.. old[true]], cancellationToken)] : effects;
        LearnDelay(effects);
        var messages = Write(await cache.AnswerAsync([.. known.Where(IsStillWanted)], answers, cancellationToken), carried, answers);
        var refused = await sender.SendAsync(messages, cancellationToken, async failed =>
        {
            var lost = failed.SelectMany(message => carried.Remove(message, out var dispatches) ? dispatches : []).Select(dispatch => dispatch.Source);
            return Write((await requests.ReloadAsync([.. lost], cancellationToken)).Where(IsStillWanted), carried, answers);
        });
        Note(carried.Keys, refused);
        var left = refused.SelectMany(each => carried.Remove(each.Message, out var dispatches) ? dispatches : []).Select(dispatch => dispatch.Source).ToList();
        answers.AddRange(carried.Values.SelectMany(dispatches => dispatches).Where(IsLate).Select(
            dispatch => Works.Sent(dispatch.Address.RequestId, (Effect.DispatchStep)dispatch.Source.Effect)));
        await inbox.RunAsync(answers, cancellationToken);
        return left;
    }

    private void Note(IEnumerable<OutgoingMessage> messages, IReadOnlyList<UnsentMessage> refused)
    {
        holds.Forget(messages.Select(message => message.RoutingKey).Except(refused.Select(each => each.Message.RoutingKey)));
        foreach (var each in refused.DistinctBy(each => each.Message.RoutingKey))
            holds.Record(each);
    }

    /// <summary>The request may have gone on since: in the same commit, before a recovery, or while the broker was away.</summary>
    private static bool IsStillWanted(OpenEffect open)
    {
        var dispatch = (Effect.DispatchStep)open.Effect;
        var step = open.Request.State.Steps[dispatch.Step];
        return step.Status == StepStatus.Dispatched && step.Attempt == dispatch.Attempt;
    }

    private bool IsOld(OpenEffect open) => DelayOf(open) > Old;

    /// <summary>
    /// Who leaves later than in its slot leaves together with whoever holds the next ones; where all are late by as much, as on a slow store, they
    /// are as far apart as ever.
    /// </summary>
    private bool HasMissedSlot(OpenEffect open)
    {
        if (DefinitionOf(open).RateLimit is not { } limit)
            return false;
        var bound = _usual.Now > Late ? _usual.Now : Late;
        return DelayOf(open) > limit.Interval + bound;
    }

    /// <summary>Not from what is old: that had waited for something.</summary>
    private void LearnDelay(IReadOnlyList<OpenEffect> effects)
    {
        var paced = effects.FirstOrDefault(open => DefinitionOf(open).RateLimit is not null);
        if (paced.Request is not null && DelayOf(paced) is { } delay && delay <= Old)
            _usual.Add(delay);
    }

    private TimeSpan? DelayOf(OpenEffect open) => clock.GetUtcNow() - open.Request.State.Steps[((Effect.DispatchStep)open.Effect).Step].DispatchedAt;

    private static StepDefinition DefinitionOf(OpenEffect open) => open.Request.Graph.Steps[((Effect.DispatchStep)open.Effect).Step];

    private bool IsLate(StepDispatch dispatch) =>
        unsent.Find(dispatch.Source.Request, (Effect.DispatchStep)dispatch.Source.Effect) is { } each && unsent.IsLate(each);

    private List<OutgoingMessage> Write(
        IEnumerable<OpenEffect> effects, Dictionary<OutgoingMessage, IReadOnlyList<StepDispatch>> carried, List<RequestWork> answers)
    {
        var dispatches = new List<StepDispatch>();
        foreach (var open in effects)
            Prepare(open, dispatches, answers);
        var messages = new List<OutgoingMessage>();
        foreach (var (message, within) in StepMessages.Write(dispatches, replies.Own, options.BatchMaxBytes))
        {
            messages.Add(message);
            carried.Add(message, within);
        }
        return messages;
    }

    private void Prepare(OpenEffect open, List<StepDispatch> dispatches, List<RequestWork> answers)
    {
        var (request, dispatch) = (open.Request, (Effect.DispatchStep)open.Effect);
        if (HasMissedSlot(open))
        {
            answers.Add(Works.Missed(request.Id, dispatch));
            return;
        }
        try
        {
            var definition = DefinitionOf(open);
            var input = StepInput.Of(request.Definition, request.State, dispatch.Step);
            if (input.Length > options.MaxMessageBytes)
            {
                answers.Add(Works.Fail(request.Id, dispatch.Step, dispatch.Attempt, new StepFailure(
                    "input_too_large", $"The step's input has {input.Length} bytes; a message takes at most {options.MaxMessageBytes}.")));
                return;
            }
            dispatches.Add(new StepDispatch(
                request.AddressOf(dispatch.Step), request.KeyOf(dispatch.Step), definition.Queue, dispatch.Attempt, definition.Batch,
                input, DeadlineOf(request, dispatch),
                request.State.Priority ?? definition.Priority ?? request.Definition.Priority, request.TraceParent, open));
        }
        catch (Exception failure) when (failure is InvalidOperationException or JsonException)
        {
            // Bodies that no reader takes, such as a property name that is no Unicode: the step fails, and says why.
            LogBadInput(logger, request.Id, failure);
            answers.Add(Works.Fail(request.Id, dispatch.Step, dispatch.Attempt, new StepFailure("invalid_input", failure.Message)));
        }
    }

    /// <summary>The step's timer as it will stand once the message is confirmed, or the end of the request or of the parent's wait before it.</summary>
    private DateTimeOffset? DeadlineOf(RunningRequest request, Effect.DispatchStep dispatch)
    {
        var now = clock.GetUtcNow();
        var timer = unsent.Find(request, dispatch) is { } each && unsent.IsLate(each) ? now + each.Timeout : request.State.Steps[dispatch.Step].DueAt;
        // A parent that still waits when it was to have stopped has been given more time, such as by a redrive.
        var parents = request.State.Deadline > now ? request.State.Deadline : null;
        return Earlier(timer, Earlier(request.State.TimeoutAt, parents));
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The input of a step of request {RequestId} can't be put together")]
    private static partial void LogBadInput(ILogger logger, Guid requestId, Exception failure);
}

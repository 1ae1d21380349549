using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Replies;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>Everything that can happen to a request.</summary>
internal static class Works
{
    public static RequestWork Accept(RequestBirth birth) =>
        new(birth.Id, (_, now) => birth.ToEvent(now)) { Birth = birth, Bytes = birth.Input.Length };

    public static RequestWork Reply(StepReply reply) => new(reply.Address.RequestId, (request, now) =>
    {
        var step = request.Graph.IndexOf(reply.Address.Step);
        return (step, reply) switch
        {
            ( < 0, _) => new RequestEvent.UnknownReply(now, reply.Address.Step),
            (_, { Error: { } error }) =>
                new RequestEvent.StepFailed(now, step, reply.Attempt, new StepFailure(error.Type, error.Message, error.Transient)),
            (_, { RetryAfter: { } wait }) => new RequestEvent.StepThrottled(now, step, reply.Attempt, wait, reply.RetryReason),
            _ => new RequestEvent.StepCompleted(now, step, reply.Attempt, reply.Output) { IsChecked = true },
        };
    })
    { Bytes = reply.Output.Length };

    /// <param name="attempt">The step's last when the cache was asked.</param>
    public static RequestWork AnswerFromCache(Guid id, int step, int attempt, ReadOnlyMemory<byte> output) =>
        new(id, (_, now) => new RequestEvent.StepCompleted(now, step, attempt, output) { IsChecked = true, FromCache = true })
        {
            Bytes = output.Length,
        };

    /// <summary>As an earlier run of the same request had it; for a step that has become ready.</summary>
    public static RequestWork Keep(Guid id, int step, ReadOnlyMemory<byte> output) => new(
        id,
        (request, now) => new RequestEvent.StepCompleted(now, step, request.State.Steps[step].Attempt, output) { IsChecked = true, FromCache = true })
    {
        Bytes = output.Length,
    };

    public static RequestWork Fail(Guid id, int step, int attempt, StepFailure failure) =>
        new(id, (_, now) => new RequestEvent.StepFailed(now, step, attempt, failure));

    public static RequestWork Grant(Guid id, int step, DateTimeOffset notBefore, long round, TimeSpan usualDelay) =>
        new(id, (_, now) => new RequestEvent.PermitGranted(now, step, notBefore, round) { UsualDelay = usualDelay });

    public static RequestWork ChildFinished(ParentPlace place, bool failed) =>
        new(place.RequestId, (_, now) => new RequestEvent.ChildFinished(now, place.Step, place.Attempt, place.Index, failed));

    public static RequestWork Gathered(Guid id, int step, int attempt, ReadOnlyMemory<byte> output, StepFailure? failure) =>
        new(id, (_, now) => new RequestEvent.ChildrenGathered(now, step, attempt, output, failure)) { Bytes = output.Length };

    /// <param name="unsent">Which attempts of the request may be on their way to the broker.</param>
    public static RequestWork Tick(Guid id, TimeSpan usualDelay, Func<RunningRequest, ImmutableArray<bool>> unsent) =>
        new(id, (request, now) => new RequestEvent.TimerFired(now) { UsualDelay = usualDelay, Unsent = unsent(request) });

    public static RequestWork Sent(Guid id, Effect.DispatchStep dispatch) =>
        new(id, (_, now) => new RequestEvent.StepSent(now, dispatch.Step, dispatch.Attempt));

    public static RequestWork Unsent(Guid id, Effect.DispatchStep dispatch, TimeSpan atLeast) =>
        new(id, (_, now) => new RequestEvent.StepUnsent(now, dispatch.Step, dispatch.Attempt, atLeast));

    public static RequestWork Missed(Guid id, Effect.DispatchStep dispatch) =>
        new(id, (_, now) => new RequestEvent.StepMissed(now, dispatch.Step, dispatch.Attempt));

    public static RequestWork Resume(Guid id) => new(id, (_, now) => new RequestEvent.Resumed(now));

    public static RequestWork Cancel(Guid id, string by) => new(id, (_, now) => new RequestEvent.Cancelled(now, by));

    /// <param name="fromStep">Null: from what failed or was cancelled. A name that the request doesn't have changes nothing.</param>
    /// <param name="keepsItems">Only the items of that step's task that did not complete.</param>
    public static RequestWork Redrive(Guid id, string? fromStep, string by, bool keepsItems = false) => new(id, (request, now) =>
    {
        var step = fromStep is null ? (int?)null : request.Graph.IndexOf(fromStep);
        return RedriveRule.Refuse(request.Definition, request.State, step, keepsItems) is null
            ? new RequestEvent.Redriven(now, step, by) { KeepsItems = keepsItems } : null;
    });
}

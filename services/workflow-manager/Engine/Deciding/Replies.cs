using System.Text.Json;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>
/// What workers say. The law: a reply counts while the step is open, also a late one to an older attempt; it counts once; and
/// what does not count is told on the timeline, unless it is no news.
/// </summary>
internal static class Replies
{
    /// <summary>A worker that says "now" would make a hot loop.</summary>
    private static readonly TimeSpan MinRetryAfter = TimeSpan.FromSeconds(1);

    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    public static void Complete(Draft draft, RequestEvent.StepCompleted reply)
    {
        var step = reply.Step;
        if (draft.IsStep(step) && draft[step].Status == StepStatus.Completed)
            return;
        if (reply.FromCache)
        {
            // One that was looked up for an earlier attempt, or before a redrive, may belong to another input.
            if (draft.IsStep(step) && draft[step] is { IsActive: true, IsAnew: false } state && state.Attempt == reply.Attempt)
                Progress.Complete(draft, step, reply.Output, "from cache");
            return;
        }
        if (!IsExpected(draft, step))
            return;
        var attempt = reply.Attempt ?? draft[step].Attempt;
        var output = reply.Output.IsEmpty ? EmptyObject : reply.Output;
        if (!Counts(draft, step, attempt))
            TellLate(draft, step, attempt);
        else if (!reply.IsChecked && Problem(output.Span) is { } problem)
            Refuse(draft, step, attempt, problem);
        else
            Progress.Complete(draft, step, output, attempt: attempt);
    }

    /// <summary>The failure tells of the reply, so the same again is no late reply.</summary>
    private static void Refuse(Draft draft, int step, int attempt, string problem)
    {
        draft[step] = draft[step] with { LateAttempt = Math.Max(attempt, draft[step].LateAttempt) };
        Failures.FailStep(draft, step, new StepFailure(FailureTypes.InvalidOutput, problem), attempt);
    }

    public static void Fail(Draft draft, RequestEvent.StepFailed reply)
    {
        if (!IsExpected(draft, reply.Step))
            return;
        var step = draft[reply.Step];
        var attempt = reply.Attempt ?? step.Attempt;
        if (step.Status is StepStatus.Completed or StepStatus.Failed)
            return;
        if (!Counts(draft, reply.Step, attempt))
            TellLate(draft, reply.Step, attempt);
        else if (step.Status == StepStatus.Dispatched && attempt >= step.Attempt)
            Failures.FailAttempt(draft, reply.Step, reply.Failure);
        else if (!reply.Failure.Transient)
            Failures.FailStep(draft, reply.Step, reply.Failure, attempt);
    }

    public static void Throttle(Draft draft, RequestEvent.StepThrottled reply)
    {
        if (!IsExpected(draft, reply.Step))
            return;
        var step = draft[reply.Step];
        if (step.Status != StepStatus.Dispatched || (reply.Attempt ?? step.Attempt) != step.Attempt || draft.Request.IsFinished)
            return;
        var wait = reply.RetryAfter < MinRetryAfter ? MinRetryAfter : reply.RetryAfter;
        Progress.Close(draft, reply.Step, draft.Now + wait, reply.Reason);
    }

    /// <summary>Only a step that sends to a queue, and has sent, can be replied to.</summary>
    private static bool IsExpected(Draft draft, int step)
    {
        if (draft.IsStep(step) && draft.Graph.Steps[step].Task is null && draft[step].Attempt > 0)
            return true;
        draft.TellBounded(TimelineKind.UnknownReply, draft.IsStep(step) ? draft.Graph.Steps[step].Name : null);
        return false;
    }

    private static bool Counts(Draft draft, int step, int attempt) =>
        WantedRule.IsWanted(draft.Request, draft[step], attempt);

    private static void TellLate(Draft draft, int step, int attempt)
    {
        if (attempt <= draft[step].LateAttempt)
            return;
        draft[step] = draft[step] with { LateAttempt = attempt };
        draft.Tell(TimelineKind.LateReply, step, attempt: attempt);
    }

    private static string? Problem(ReadOnlySpan<byte> output)
    {
        try
        {
            var reader = new Utf8JsonReader(output);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return $"The output is {NameOf(reader.TokenType)}, not an object.";
            reader.Skip();
            reader.Read();
            return null;
        }
        catch (JsonException error)
        {
            return $"The output is not JSON: {error.Message}";
        }
    }

    private static string NameOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a truth value",
    };
}

using System.Globalization;
using System.Text;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Scripting;

/// <summary>Reads what happens: <c>reply a #1 {"x":1}</c>, <c>reply a transient 503 busy</c>, <c>timer</c> and so on.</summary>
internal static class ScriptEvents
{
    public static readonly Guid Id = new("11111111-1111-1111-1111-111111111111");
    public static readonly ParentPlace Place = new(new Guid("22222222-2222-2222-2222-222222222222"), 3, 1, 7);

    public static RequestEvent Read(WorkflowDefinition definition, RequestState state, DateTimeOffset at, string verb, string rest)
    {
        var words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int Step(int word) => definition.GraphOf(state.Scope).IndexOf(words[word]);
        switch (verb)
        {
            case "accept":
                return new RequestEvent.Accepted(at, Id, Utf8(rest));
            case "accept-child":
                var scope = definition.IndexOfTask(words[0]);
                return new RequestEvent.Accepted(at, Id, Utf8(rest[(words[0].Length + 1)..])) { Scope = scope, Parent = Place };
            case "reply":
                return Reply(at, Step(0), words[0], rest[words[0].Length..].Trim());
            case "cached":
                var (number, known) = Attempt(rest[words[0].Length..].Trim());
                return new RequestEvent.StepCompleted(at, Step(0), number ?? state.Steps[Step(0)].Attempt, Utf8(known)) { FromCache = true };
            case "throttle":
                var (attempt, wait) = Attempt(rest[words[0].Length..].Trim());
                var told = wait.Split(' ', 2);
                return new RequestEvent.StepThrottled(at, Step(0), attempt, Moments.Length(told[0]), told.ElementAtOrDefault(1));
            case "permit":
                return new RequestEvent.PermitGranted(at, Step(0), Moments.At(words[1]), words is [_, _, "round", var round] ? Number(round) : 0);
            case "timer":
                return new RequestEvent.TimerFired(at)
                {
                    UsualDelay = words is ["delay", var usual] ? Moments.Length(usual) : TimeSpan.Zero,
                    Unsent = words is ["unsent", var late] ? [.. definition.GraphOf(state.Scope).Steps.Select(step => step.Name == late)] : default,
                };
            case "sent":
                return new RequestEvent.StepSent(at, Step(0), Number(words[1][1..]));
            case "unsent":
                return new RequestEvent.StepUnsent(at, Step(0), Number(words[1][1..]), Moments.Length(words[2]));
            case "missed":
                return new RequestEvent.StepMissed(at, Step(0), Number(words[1][1..]));
            case "resume":
                return new RequestEvent.Resumed(at);
            case "cancel":
                return new RequestEvent.Cancelled(at, words[0]);
            case "redrive":
                if (words is ["items", _, var asked])
                    return new RequestEvent.Redriven(at, Step(1), asked) { KeepsItems = true };
                return words is ["from", _, var who] ? new RequestEvent.Redriven(at, Step(1), who) : new RequestEvent.Redriven(at, null, words[0]);
            case "child":
                return new RequestEvent.ChildFinished(at, Step(0), Number(words[1][1..]), Number(words[2]), words[3] == "failed");
            case "gathered":
                return words[2] == "error"
                    ? new RequestEvent.ChildrenGathered(at, Step(0), Number(words[1][1..]), default, new StepFailure(words[3], "It did not fit."))
                    : new RequestEvent.ChildrenGathered(at, Step(0), Number(words[1][1..]), Utf8(words[2]));
            default:
                throw new FormatException($"a script knows no '{verb}'");
        }
    }

    private static RequestEvent Reply(DateTimeOffset at, int step, string name, string rest)
    {
        if (step < 0)
            return new RequestEvent.UnknownReply(at, name);
        var (attempt, what) = Attempt(rest);
        var words = what.Split(' ', 3);
        return words[0] is "error" or "transient"
            ? new RequestEvent.StepFailed(at, step, attempt, new StepFailure(words[1], words[2], words[0] == "transient"))
            : new RequestEvent.StepCompleted(at, step, attempt, Utf8(what == "empty" ? "" : what));
    }

    private static (int? Number, string What) Attempt(string text)
    {
        if (!text.StartsWith('#'))
            return (null, text);
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return (Number(text[1..space]), text[(space + 1)..]);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}

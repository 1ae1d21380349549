using FsCheck;
using FsCheck.Fluent;
using Millrace.WorkflowManager.Engine.Reasons;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Properties;

/// <summary>Events of any kind, for any step, in any order: also those that no sound manager would send.</summary>
public sealed class AnyEventTests
{
    private const int EventsPerRequest = 150;

    [Fact]
    public void Nothing_breaks_the_invariants_and_a_duplicate_is_no_second_event() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithQuietOnSuccess(true), Prop.ForAll(ArbMap.Default.ArbFor<int>(), Torment));

    private static void Torment(int seed)
    {
        var random = new Random(seed);
        var definition = Shape.Create(random) with { Timeout = random.Next(3) == 0 ? TimeSpan.FromMinutes(20) : null };
        var now = Driver.Start;
        RequestEvent first = new RequestEvent.Accepted(now, Guid.NewGuid(), Driver.Utf8("""{"keep":true,"rows":[1,2,3],"cells":[1]}"""));
        var state = Apply(definition, RequestState.None, first);
        for (var number = 0; number < EventsPerRequest; number++)
        {
            now += TimeSpan.FromSeconds(random.Next(120));
            var happened = Any(random, state, now) with { Gates = random.Next(3) == 0 ? Gates(random, state.Steps.Length, now) : default };
            state = Apply(definition, state, happened);
            Assert.Equal(!state.IsFinished || state.Status != RequestStatus.Completed, Why.Of(definition, state, now, WhyFacts.None) is not null);
            if (happened is RequestEvent.Redriven or RequestEvent.UnknownReply or RequestEvent.Accepted)
                continue;
            var again = WorkflowEngine.Apply(definition, state, happened);
            Assert.True(!again.HasChanged || again.Effects.IsEmpty && again.Timeline is [{ Kind: TimelineKind.UnknownReply }], $"{happened} counted twice");
        }
    }

    private static RequestState Apply(WorkflowDefinition definition, RequestState before, RequestEvent happened)
    {
        var transition = WorkflowEngine.Apply(definition, before, happened);
        if (!transition.HasChanged)
            Assert.Same(before, transition.State);
        else
            Invariants.Check(definition, before, transition);
        return transition.State;
    }

    private static RequestEvent Any(Random random, RequestState state, DateTimeOffset now)
    {
        var step = random.Next(-1, state.Steps.Length + 1);
        var last = step >= 0 && step < state.Steps.Length ? state.Steps[step].Attempt : 1;
        int? attempt = random.Next(3) == 0 ? null : Math.Max(1, last - random.Next(2));
        return random.Next(18) switch
        {
            0 => new RequestEvent.Cancelled(now, "ann"),
            1 => new RequestEvent.Redriven(now, null, "ann"),
            2 => new RequestEvent.Redriven(now, step, "ann"),
            3 => new RequestEvent.StepFailed(now, step, attempt, new StepFailure("bad", "no")),
            4 => new RequestEvent.StepFailed(now, step, attempt, new StepFailure("busy", "no", Transient: true)),
            5 => new RequestEvent.StepThrottled(now, step, attempt, TimeSpan.FromSeconds(random.Next(100))),
            6 => new RequestEvent.PermitGranted(now, step, now.AddSeconds(random.Next(-5, 100)), random.Next(3)),
            7 => new RequestEvent.Resumed(now),
            8 => new RequestEvent.ChildFinished(now, step, last, random.Next(-1, 4), random.Next(2) == 0),
            9 => new RequestEvent.ChildFinished(now, step, last, random.Next(4), false),
            10 => new RequestEvent.ChildrenGathered(now, step, last, Driver.Utf8("""{"rows":[],"cells":[]}""")),
            11 => new RequestEvent.StepCompleted(now, step, attempt, Driver.Utf8("[]")),
            12 => new RequestEvent.StepCompleted(now, step, last, Driver.Utf8("""{"keep":true}""")) { FromCache = true },
            13 => new RequestEvent.TimerFired(now) { Unsent = random.Next(2) == 0 ? default : [.. state.Steps.Select(_ => random.Next(2) == 0)] },
            14 => new RequestEvent.StepSent(now, step, attempt ?? last),
            15 => new RequestEvent.StepUnsent(now, step, attempt ?? last, TimeSpan.FromSeconds(random.Next(600))),
            _ => new RequestEvent.StepCompleted(now, step, attempt, Driver.Utf8("""{"keep":false,"rows":[1],"cells":[]}""")),
        };
    }

    private static System.Collections.Immutable.ImmutableArray<StepGate> Gates(Random random, int count, DateTimeOffset now) =>
    [
        .. Enumerable.Range(0, count).Select(_ => random.Next(4) switch
        {
            0 => new StepGate(true, random.Next(2) == 0 ? null : now.AddSeconds(30)),
            2 => new StepGate(false, null, IsCrowded: true, Round: random.Next(3)) { Void = random.Next(3) },
            1 => new StepGate(false, now.AddSeconds(random.Next(-30, 60))),
            _ => StepGate.Open,
        }),
    ];
}

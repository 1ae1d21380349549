using Millrace.WorkflowManager.Engine;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Tests.Runtime.Gates;

/// <summary>A long line at one gate, the engine and the gate's state as they are, in a time that is counted and not waited for.</summary>
public sealed class LetThroughTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public void After_a_stall_all_keep_their_distance_and_their_order(int batch)
    {
        var line = new Line(300, new RateLimit(10, TimeSpan.FromSeconds(1)), batch);
        line.RunUntil(5);
        line.Stall(until: 20);
        line.RunUntil(60);

        Assert.Equal(300, line.Departures.Count);
        line.AssertDistances();
        line.AssertOrder(within: batch == 0 ? 3 : 6);
        // Thirty seconds of slots, fifteen in which nobody saw to them, and one until all managers know.
        Assert.InRange(line.Departures[^1].At, Start.AddSeconds(44), Start.AddSeconds(47));
    }

    [Fact]
    public void A_second_stall_while_the_first_is_made_up_for_sends_nobody_to_the_end()
    {
        var line = new Line(300, new RateLimit(10, TimeSpan.FromSeconds(1)));
        line.RunUntil(5);
        line.Stall(until: 20);
        line.RunUntil(25);
        line.Stall(until: 30);
        line.RunUntil(90);

        Assert.Equal(300, line.Departures.Count);
        line.AssertDistances();
        line.AssertOrder(within: 6);
        Assert.InRange(line.Departures[^1].At, Start.AddSeconds(49), Start.AddSeconds(53));
    }

    [Fact]
    public void Whose_slots_fall_into_a_closing_leave_after_it_before_all_others()
    {
        var line = new Line(300, new RateLimit(10, TimeSpan.FromSeconds(1)));
        line.RunUntil(5);
        line.Close(until: 15);
        line.RunUntil(60);

        Assert.DoesNotContain(line.Departures, gone => gone.At > Start.AddSeconds(5) && gone.At < Start.AddSeconds(15));
        line.AssertDistances();
        line.AssertOrder(within: 0);
        Assert.InRange(line.Departures[^1].At, Start.AddSeconds(39), Start.AddSeconds(41));
    }

    [Fact]
    public void A_closing_that_is_prolonged_keeps_the_order_too()
    {
        var line = new Line(200, new RateLimit(10, TimeSpan.FromSeconds(1)));
        line.RunUntil(5);
        line.Close(until: 10);
        line.RunUntil(9);
        line.Close(until: 12);
        line.RunUntil(12.5);
        line.Close(until: 14);
        line.RunUntil(60);

        Assert.Equal(200, line.Departures.Count);
        line.AssertDistances();
        line.AssertOrder(within: 0);
    }

    [Fact]
    public void Where_timers_are_always_late_by_as_much_nobody_asks_again()
    {
        var line = new Line(100, new RateLimit(10, TimeSpan.FromSeconds(1)), step: TimeSpan.FromMilliseconds(400), usualDelay: TimeSpan.FromMilliseconds(800));
        line.RunUntil(30);

        Assert.Equal(100, line.Departures.Count);
        Assert.Equal(0, line.Gate.Round);
        Assert.InRange(line.Departures[^1].At, Start.AddSeconds(9.5), Start.AddSeconds(11));
    }

    [Fact]
    public void One_that_is_late_alone_moves_the_others_by_an_interval_and_the_line_ends_as_before_once_there_is_room()
    {
        var line = new Line(20, new RateLimit(10, TimeSpan.FromSeconds(1)));
        line.Forget(0);
        line.RunUntil(1);
        line.Remember(0);
        line.RunUntil(30);

        Assert.Equal(20, line.Departures.Count);
        line.AssertDistances();
        Assert.InRange(line.Departures[^1].At, Start.AddSeconds(1.9), Start.AddSeconds(3.3));
        Assert.Equal(Start.AddSeconds(60), line.Gate.Reserve(1, line.Pace, default, Start.AddSeconds(60)).Slots[0]);
    }

    /// <summary>Requests in a line, and one manager that looks at what is due.</summary>
    private sealed class Line
    {
        private const int DueBatch = 50;

        private readonly WorkflowDefinition _definition;
        private readonly RequestState[] _requests;
        private readonly HashSet<int> _forgotten = [];
        private readonly RateLimit _limit;
        private readonly TimeSpan _step;
        private readonly TimeSpan _usualDelay;
        private DateTimeOffset _now = Start;

        public Line(int count, RateLimit limit, int batch = 0, TimeSpan? step = null, TimeSpan? usualDelay = null)
        {
            (_limit, _step, _usualDelay) = (limit, step ?? TimeSpan.FromMilliseconds(10), usualDelay ?? TimeSpan.FromMilliseconds(20));
            var only = new StepDefinition { Name = "a", RateLimit = limit, Batch = batch };
            _definition = new WorkflowDefinition { Name = "w", Hash = "h", Steps = [only] };
            _requests = new RequestState[count];
            Array.Fill(_requests, RequestState.None);
            Pace = Pace.Of(only, TimeSpan.FromMilliseconds(200));
            Apply([.. Enumerable.Range(0, count).Select(index => (index, (RequestEvent)new RequestEvent.Accepted(_now, Guid.NewGuid(), "{}"u8.ToArray())))]);
        }

        public Pace Pace { get; }

        public GateState Gate { get; private set; } = GateState.Open;

        public List<(int Request, DateTimeOffset At)> Departures { get; } = [];

        public void RunUntil(double seconds)
        {
            for (; _now < Start.AddSeconds(seconds); _now += _step)
            {
                var due = Enumerable.Range(0, _requests.Length).Where(index => _requests[index].DueAt <= _now && !_forgotten.Contains(index))
                    .OrderBy(index => _requests[index].DueAt).Take(DueBatch);
                Apply([.. due.Select(index => (index, (RequestEvent)new RequestEvent.TimerFired(_now) { UsualDelay = _usualDelay }))]);
            }
        }

        public void Stall(double until) => _now = Start.AddSeconds(until);

        public void Close(double until) => Gate = Gate.Close(Start.AddSeconds(until));

        /// <summary>Nobody sees to its timer.</summary>
        public void Forget(int request) => _forgotten.Add(request);

        public void Remember(int request) => _forgotten.Remove(request);

        public void AssertDistances()
        {
            // As with timers on time, one may be late by an interval and the usual delay; and what was late by less goes with the first.
            var (times, spare) = (Departures.Select(gone => gone.At).ToList(), 3);
            for (var index = _limit.Permits + spare; index < times.Count; index++)
                Assert.True(times[index] - times[index - _limit.Permits - spare] >= _limit.Per, $"Too many before {times[index]:T}.");
        }

        /// <param name="within">By how many places one may be away from where it stood.</param>
        public void AssertOrder(int within) =>
            Assert.All(Departures.Select((gone, place) => Math.Abs(gone.Request - place)), moved => Assert.InRange(moved, 0, within));

        private void Apply(IReadOnlyList<(int Request, RequestEvent Happened)> works)
        {
            var asking = new List<int>();
            foreach (var (request, happened) in works)
            {
                long? round = Gate.IsLettingThrough(Pace, _now) ? Gate.Round : null;
                var gates = new StepGate(false, Gate.ClosedUntil > _now ? Gate.ClosedUntil : null, Round: round);
                var transition = WorkflowEngine.Apply(_definition, _requests[request], happened with { Gates = [gates] });
                _requests[request] = transition.State with { DueAt = transition.State.Steps[0].Status == StepStatus.Dispatched ? null : transition.State.DueAt };
                if (transition.Effects.Any(effect => effect is Effect.DispatchStep))
                    Departures.Add((request, _now));
                if (transition.Effects.Any(effect => effect is Effect.AcquirePermit))
                    asking.Add(request);
            }
            if (asking.Count > 0)
                Answer(asking);
        }

        private void Answer(List<int> asking)
        {
            var missed = asking.Where(request => _requests[request].Steps[0].MissedSlot is not null).OrderBy(request => _requests[request].Steps[0].MissedSlot).ToList();
            var others = asking.Except(missed).ToList();
            var grants = new List<(int, RequestEvent)>();
            if (missed.Count > 0)
            {
                (Gate, var turns) = Gate.LetThrough(
                    [.. missed.Select(request => new MissedSlot(_requests[request].Steps[0].MissedSlot!.Value, _requests[request].Steps[0].Round))], Pace, _now);
                grants.AddRange(missed.Zip(turns, (request, turn) => (request, (RequestEvent)new RequestEvent.PermitGranted(_now, 0, turn, Gate.Round))));
            }
            if (others.Count > 0)
            {
                (Gate, var slots) = Gate.Reserve(others.Count, Pace, default, _now);
                grants.AddRange(others.Zip(slots, (request, slot) => (request, (RequestEvent)new RequestEvent.PermitGranted(_now, 0, slot))));
            }
            Apply(grants);
        }
    }
}

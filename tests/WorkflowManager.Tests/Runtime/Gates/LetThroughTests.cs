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

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public void A_line_that_is_closed_up_after_most_were_cancelled_uses_its_limit_again_and_keeps_distance_and_order(int batch)
    {
        var line = new Line(600, new RateLimit(10, TimeSpan.FromSeconds(1)), batch);
        line.RunUntil(10);
        line.Cancel(request => request % 5 != 0);
        line.CloseUp();
        line.RunUntil(15);
        line.TellAll();
        line.RunUntil(60);

        Assert.Empty(line.Waiting());
        line.AssertDistances();
        line.AssertOrder(within: 0);
        // A hundred left, in ten seconds after two until all managers know; without it they would go until second sixty.
        Assert.InRange(line.Departures[^1].At, Start.AddSeconds(20), Start.AddSeconds(25));
        Assert.InRange(line.Gate.End, Start.AddSeconds(20), Start.AddSeconds(26));
    }

    [Fact]
    public void Who_was_not_told_that_the_line_is_closed_up_asks_again_when_its_slot_comes_and_leaves_beside_nobody()
    {
        var line = new Line(300, new RateLimit(10, TimeSpan.FromSeconds(1)));
        line.RunUntil(5);
        line.CloseUp();
        line.RunUntil(10);
        line.TellAll(told: request => request < 200);
        line.RunUntil(12);
        line.Add(50);
        line.RunUntil(90);

        Assert.Equal(350, line.Departures.Count);
        line.AssertDistances();
    }

    [Fact]
    public void Turns_of_a_round_before_the_line_was_closed_up_do_not_keep_their_places()
    {
        var line = new Line(300, new RateLimit(10, TimeSpan.FromSeconds(1)));
        line.RunUntil(5);
        line.Stall(until: 20);
        line.RunUntil(22);
        line.Cancel(request => request % 3 != 0);
        line.CloseUp();
        line.TellAll();
        line.RunUntil(60);

        Assert.Empty(line.Waiting());
        line.AssertDistances();
        line.AssertOrder(within: 6);
        Assert.InRange(line.Departures[^1].At, Start.AddSeconds(28), Start.AddSeconds(34));
    }

    /// <summary>Requests in a line, and one manager that looks at what is due.</summary>
    private sealed class Line
    {
        private const int DueBatch = 50;

        private readonly WorkflowDefinition _definition;
        private readonly List<RequestState> _requests = [];
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
            Pace = Pace.Of(only, TimeSpan.FromMilliseconds(200));
            Add(count);
        }

        public Pace Pace { get; }

        public GateState Gate { get; private set; } = GateState.Open;

        public List<(int Request, DateTimeOffset At)> Departures { get; } = [];

        public void Add(int count)
        {
            var added = Enumerable.Range(_requests.Count, count).ToList();
            _requests.AddRange(added.Select(_ => RequestState.None));
            Apply([.. added.Select(index => (index, (RequestEvent)new RequestEvent.Accepted(_now, Guid.NewGuid(), "{}"u8.ToArray())))]);
        }

        /// <summary>Of those that have not left.</summary>
        public void Cancel(Func<int, bool> which) =>
            Apply([.. Waiting().Where(which).Select(index => (index, (RequestEvent)new RequestEvent.Cancelled(_now, "ann")))]);

        public void CloseUp() => Gate = Gate.CloseUp(_now);

        /// <summary>In pages, oldest first.</summary>
        public void TellAll(Func<int, bool>? told = null)
        {
            foreach (var page in Waiting().Where(told ?? (_ => true)).Chunk(DueBatch))
                Apply([.. page.Select(index => (index, (RequestEvent)new RequestEvent.Resumed(_now)))]);
        }

        public void RunUntil(double seconds)
        {
            for (; _now < Start.AddSeconds(seconds); _now += _step)
            {
                var due = Enumerable.Range(0, _requests.Count).Where(index => _requests[index].DueAt <= _now && !_forgotten.Contains(index))
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

        /// <param name="within">By how many places one may be away from where it stood among those that left.</param>
        public void AssertOrder(int within)
        {
            var stood = Departures.Select(gone => gone.Request).Order().ToList();
            Assert.All(Departures.Select((gone, place) => Math.Abs(stood.IndexOf(gone.Request) - place)), moved => Assert.InRange(moved, 0, within));
        }

        /// <summary>Those that have not left.</summary>
        public List<int> Waiting() =>
            [.. Enumerable.Range(0, _requests.Count).Where(index => _requests[index].Steps[0].Status is StepStatus.Throttled or StepStatus.Waiting)];

        private void Apply(IReadOnlyList<(int Request, RequestEvent Happened)> works)
        {
            var asking = new List<int>();
            foreach (var (request, happened) in works)
            {
                var gates = new StepGate(false, Gate.ClosedUntil > _now ? Gate.ClosedUntil : null, Round: Gate.RoundAt(Pace, _now)) { Void = Gate.VoidAt(_now) };
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
            var missed = asking.Where(request => _requests[request].Steps[0].MissedSlot is not null)
                .OrderBy(request => _requests[request].Steps[0].Round == 0).ThenBy(request => _requests[request].Steps[0].MissedSlot).ToList();
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

using Millrace.PerspectiveClassifier.Pacing;
using Millrace.PerspectiveEmulator;
using static Millrace.PerspectiveClassifier.Tests.Pacing.PacingSimulation;

namespace Millrace.PerspectiveClassifier.Tests.Pacing;

/// <summary>Times are in microseconds.</summary>
public sealed class PacingScheduleTests
{
    [Fact]
    public void On_a_calm_machine_it_uses_99_percent_and_never_more_than_the_quota_in_any_second()
    {
        var arrivals = Simulate(minutes: 2, lateness: _ => 0);

        Assert.InRange(arrivals.Count / 120.0 / 50, 0.989, 0.991);
        Assert.True(MostInASecond(arrivals) <= 50);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Late_starts_do_not_break_the_quota_and_cost_almost_nothing(int seed)
    {
        var random = new Random(seed);

        // One call in twenty leaves up to 80 ms late, as on a busy machine.
        var arrivals = Simulate(minutes: 2, lateness: _ => random.Next(20) == 0 ? random.Next(80_000) : random.Next(1_000));

        Assert.InRange(arrivals.Count / 120.0 / 50, 0.982, 0.991);
        Assert.True(MostInASecond(arrivals) <= 50, $"{MostInASecond(arrivals)}");
    }

    [Fact]
    public void Idle_time_gives_no_credit()
    {
        var schedule = new PacingSchedule(50, Second, 1, 0, Second / 4, 0);
        schedule.Take(0);
        schedule.Idle(60 * Second);

        Assert.Equal(60 * Second, schedule.Earliest(60 * Second));
        schedule.Take(60 * Second);
        Assert.Equal((60 * Second) + 20_000, schedule.Earliest(60 * Second));
    }

    [Fact]
    public void A_stall_is_caught_up_by_a_quarter_of_a_window_and_no_more()
    {
        var schedule = new PacingSchedule(50, Second, 1, 0, Second / 4, 0);
        var now = 10 * Second;
        var sent = 0;
        while (schedule.Earliest(now) <= now)
        {
            schedule.Take(now);
            sent++;
        }

        Assert.InRange(sent, 12, 14);
    }

    [Fact]
    public void After_a_refusal_a_late_answer_counts_its_call_as_later()
    {
        var schedule = Used();
        schedule.Refused(schedule.Earliest(0));
        var late = schedule.Earliest(0);
        schedule.Answered(schedule.Take(late), late + 210_000);
        schedule.Take(schedule.Earliest(0));

        Assert.InRange(schedule.Earliest(late + 400_000) - late, Second + 190_000, Second + 210_000);
    }

    [Fact]
    public void After_a_refusal_a_call_without_an_answer_may_still_be_on_its_way()
    {
        var schedule = Used();
        schedule.Refused(schedule.Earliest(0));
        var sent = schedule.Earliest(0);
        var lost = schedule.Take(sent);
        schedule.Take(schedule.Earliest(0));

        Assert.InRange(schedule.Earliest(sent + (2 * Second)) - sent, (2 * Second) + 900_000, 3 * Second);
        schedule.Answered(lost, sent + (2 * Second));
        Assert.InRange(schedule.Earliest(sent + (4 * Second)) - sent, 0, 4 * Second);
    }

    [Fact]
    public void An_answer_of_a_call_long_gone_changes_nothing()
    {
        var schedule = Used();
        var before = schedule.Earliest(0);
        schedule.Answered(0, 90 * Second);
        schedule.Answered(1_000, 90 * Second);

        Assert.Equal(before, schedule.Earliest(0));
    }

    [Fact]
    public void Without_a_refusal_a_slow_server_costs_no_rate()
    {
        var schedule = Used();
        var slow = schedule.Earliest(0);
        schedule.Answered(schedule.Take(slow), slow + 390_000);
        schedule.Take(schedule.Earliest(0));

        Assert.Equal(Second, schedule.Earliest(slow) - slow);
    }

    [Fact]
    public void What_is_slower_than_nearly_all_was_late_on_its_way()
    {
        var schedule = Used();
        var slow = schedule.Earliest(0);
        schedule.Answered(schedule.Take(slow), slow + 900_000);
        schedule.Take(schedule.Earliest(0));

        Assert.InRange(schedule.Earliest(slow) - slow, Second + 450_000, Second + 550_000);
    }

    [Fact]
    public void After_a_stall_only_what_was_on_its_way_is_looked_at_with_care()
    {
        var schedule = Used(maxDebt: 2 * Second);
        var before = schedule.Earliest(0);
        var onItsWay = schedule.Take(before);
        var late = schedule.Earliest(0) + Second;
        var after = schedule.Take(late);
        schedule.Answered(onItsWay, late + 1_000);
        schedule.Answered(after, late + 300_000);

        Assert.InRange(schedule.Earliest(late) - late, Second - 20_000, Second);
        schedule.Take(schedule.Earliest(late));
        Assert.Equal(Second, schedule.Earliest(late) - late);
    }

    [Fact]
    public void A_call_that_only_the_one_before_it_held_back_is_no_stall()
    {
        var sent = SimulateAnswersThatOvertakeEachOther(minutes: 2);

        Assert.InRange(sent.Count / 120.0 / 50, 0.985, 0.991);
        Assert.True(MostInASecond(sent) <= 50, $"{MostInASecond(sent)}");
    }

    /// <summary>The emulator's own window counts the calls of five minutes, each of which is 8 to 14 ms on its way.</summary>
    [Theory]
    [InlineData(50, 1)]
    [InlineData(6_000, 60)]
    public void At_the_emulators_quota_98_percent_are_used_and_nothing_is_refused(int permits, int windowSeconds)
    {
        var schedule = new PacingSchedule(permits, windowSeconds * Second, 0.99, 8_000, Math.Min(windowSeconds * Second / 4, Second), 0);
        var quota = new SlidingWindow(permits, TimeSpan.FromSeconds(windowSeconds));
        var (accepted, refused) = SimulateAgainst(schedule, quota, minutes: 5);

        Assert.True(accepted >= 0.98 * 5 * 60 * permits / windowSeconds, $"{accepted}");
        Assert.Equal(0, refused);
    }

    [Fact]
    public void At_the_start_every_call_may_come_late()
    {
        var schedule = new PacingSchedule(1, Second, 1, 0, Second / 4, 0);
        var first = schedule.Take(0);

        Assert.Equal(Second + 900_000, schedule.Earliest(900_000));
        schedule.Answered(first, 900_000);
        Assert.Equal(Second + 900_000, schedule.Earliest(950_000));
    }

    /// <summary>A quota of two a second, and 200 answers after 10 to 400 ms.</summary>
    private static PacingSchedule Used(long maxDebt = Second / 4)
    {
        var schedule = new PacingSchedule(2, Second, 1, 0, maxDebt, 0);
        for (var call = 0; call < 200; call++)
        {
            var at = schedule.Earliest(0);
            schedule.Answered(schedule.Take(at), at + (call < 60 || call % 4 == 0 ? 10_000 : 400_000));
        }
        return schedule;
    }

    private static List<long> Simulate(int minutes, Func<int, long> lateness)
    {
        var schedule = FiftyASecond();
        var arrivals = new List<long>();
        var now = 0L;
        while (now < minutes * 60 * Second)
        {
            now = Math.Max(now, schedule.Earliest(now)) + lateness(arrivals.Count);
            schedule.Answered(schedule.Take(now), now);
            arrivals.Add(now);
        }
        return arrivals;
    }

    private static (int Accepted, int Refused) SimulateAgainst(PacingSchedule schedule, SlidingWindow quota, int minutes)
    {
        var arriving = new PriorityQueue<long, long>();
        var answers = new PriorityQueue<long, long>();
        var random = new Random(3);
        var (accepted, refused, now) = (0, 0, 0L);
        while (now < minutes * 60 * Second)
        {
            var next = Math.Max(now, schedule.Earliest(now));
            if (arriving.TryPeek(out var call, out var arrivesAt) && arrivesAt <= next && !(answers.TryPeek(out _, out var before) && before < arrivesAt))
            {
                arriving.Dequeue();
                now = Math.Max(now, arrivesAt);
                var counts = quota.TryAccept(TimeSpan.FromMicroseconds(arrivesAt));
                (accepted, refused) = (accepted + (counts ? 1 : 0), refused + (counts ? 0 : 1));
                answers.Enqueue(call, arrivesAt + 60_000 + random.Next(40_000));
            }
            else if (answers.TryPeek(out _, out var answeredAt) && answeredAt <= next)
            {
                now = Math.Max(now, answeredAt);
                schedule.Answered(answers.Dequeue(), now);
            }
            else if (next > now)
            {
                now = next;
            }
            else
            {
                arriving.Enqueue(schedule.Take(now), now + 8_000 + random.Next(6_000));
            }
        }
        return (accepted, refused);
    }

    /// <summary>
    /// Answers take 60 to 100 ms, so that the call a window after a slow one could leave before the one it waits behind. Before the
    /// sixth call the machine stands still for 300 ms.
    /// </summary>
    private static List<long> SimulateAnswersThatOvertakeEachOther(int minutes)
    {
        var schedule = FiftyASecond();
        var onTheirWay = new PriorityQueue<long, long>();
        var sent = new List<long>();
        var random = new Random(7);
        var now = 0L;
        while (now < minutes * 60 * Second)
        {
            var next = Math.Max(now, schedule.Earliest(now));
            if (onTheirWay.TryPeek(out _, out var answeredAt) && answeredAt <= next)
            {
                now = Math.Max(now, answeredAt);
                schedule.Answered(onTheirWay.Dequeue(), now);
                continue;
            }
            now = next + (sent.Count == 5 ? 300_000 : random.Next(1_200));
            onTheirWay.Enqueue(schedule.Take(now), now + 60_000 + random.Next(40_000));
            sent.Add(now);
        }
        return sent;
    }
}

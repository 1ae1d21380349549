using Millrace.PerspectiveClassifier.Pacing;

namespace Millrace.PerspectiveClassifier.Tests.Pacing;

/// <summary>Times are in microseconds.</summary>
public sealed class PacingScheduleTests
{
    private const long Second = 1_000_000;

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

    [Fact]
    public void At_the_start_every_call_may_come_late()
    {
        var schedule = new PacingSchedule(1, Second, 1, 0, Second / 4, 0);
        var first = schedule.Take(0);

        Assert.Equal(Second + 900_000, schedule.Earliest(900_000));
        schedule.Answered(first, 900_000);
        Assert.Equal(Second + 900_000, schedule.Earliest(950_000));
    }

    /// <summary>
    /// Of 50 calls a second one in 100 is never answered and given up after ten seconds; the server counts it all the same, as late as
    /// <paramref name="wayMs"/>.
    /// </summary>
    [Theory]
    [InlineData(30)]
    [InlineData(1_500)]
    public void Calls_without_an_answer_keep_their_own_permits_and_hold_up_nothing_else(int wayMs)
    {
        var (sent, counted) = SimulateHungCalls(FiftyASecond(), minutes: 2, everyNth: 100, wayMs * 1_000L);

        // One of fifty permits is kept for two or three seconds every two.
        Assert.InRange(sent / 120.0 / 50, 0.95, 0.991);
        Assert.True(MostInASecond(counted) <= 50, $"{MostInASecond(counted)}");
    }

    /// <summary>As above, but the answer comes after five seconds.</summary>
    [Theory]
    [InlineData(30)]
    [InlineData(1_500)]
    public void Late_answers_cost_their_own_permits_and_break_no_window(int wayMs)
    {
        var (sent, counted) = SimulateHungCalls(FiftyASecond(), minutes: 2, everyNth: 100, wayMs * 1_000L, answeredAfter: 5 * Second);

        // One of fifty permits is kept for three windows before the answer and one after it, every two seconds.
        Assert.InRange(sent / 120.0 / 50, 0.94, 0.991);
        Assert.True(MostInASecond(counted) <= 50, $"{MostInASecond(counted)}");
    }

    [Fact]
    public void One_call_without_an_answer_costs_its_own_permit_and_no_more()
    {
        var (sent, _) = SimulateHungCalls(FiftyASecond(), minutes: 1, everyNth: 1_000, 30_000);

        Assert.InRange(sent / 60.0 / 50, 0.985, 0.991);
    }

    [Fact]
    public void The_only_permit_is_not_kept_until_the_timeout()
    {
        var schedule = new PacingSchedule(1, Second, 1, 0, Second / 4, 0);
        schedule.Take(0);

        Assert.True(schedule.Earliest(2 * Second) > 2 * Second);
        Assert.True(schedule.Earliest(4 * Second) <= 4 * Second);
    }

    [Fact]
    public void A_late_answer_takes_a_permit_until_a_window_after_it()
    {
        var schedule = new PacingSchedule(1, Second, 1, 0, Second / 4, 0);
        var late = schedule.Take(0);
        var next = schedule.Take(4 * Second);
        schedule.Answered(next, (4 * Second) + 100_000);

        schedule.Answered(late, (4 * Second) + 500_000);

        Assert.Equal((5 * Second) + 500_000, schedule.Earliest((5 * Second) + 200_000));
    }

    [Fact]
    public void A_call_that_is_given_up_after_its_permit_was_handed_on_takes_none()
    {
        var schedule = new PacingSchedule(1, Second, 1, 0, Second / 4, 0);
        var lost = schedule.Take(0);
        schedule.Answered(schedule.Take(4 * Second), (4 * Second) + 100_000);

        schedule.GivenUp(lost, (4 * Second) + 500_000);

        Assert.Equal((5 * Second) + 100_000, schedule.Earliest((5 * Second) + 50_000));
    }

    /// <summary>Nobody's permit is kept for as long as these answers take; that they take so long must be learned all the same.</summary>
    [Theory]
    [InlineData(3_500)]
    [InlineData(8_000)]
    public void A_server_slower_than_a_permit_is_kept_costs_no_rate_once_it_is_known(int latencyMs)
    {
        var sent = SimulateSlowServer(minutes: 3, latencyMs * 1_000L);

        Assert.InRange(sent.Count(at => at >= 60 * Second) / 120.0 / 50, 0.98, 0.991);
        Assert.True(MostInASecond(sent) <= 50, $"{MostInASecond(sent)}");
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

    /// <returns>When each call was sent, which is when the server counts it.</returns>
    private static List<long> SimulateSlowServer(int minutes, long latency)
    {
        var schedule = FiftyASecond();
        var onTheirWay = new PriorityQueue<long, long>();
        var sent = new List<long>();
        var random = new Random(5);
        var now = 0L;
        while (now < minutes * 60 * Second)
        {
            var next = Math.Max(now, schedule.Earliest(now));
            if (onTheirWay.TryPeek(out _, out var answeredAt) && answeredAt <= next)
            {
                now = Math.Max(now, answeredAt);
                schedule.Answered(onTheirWay.Dequeue(), now);
            }
            else if (next > now)
            {
                now = next;
            }
            else
            {
                onTheirWay.Enqueue(schedule.Take(now), now + latency + random.Next(40_000));
                sent.Add(now);
            }
        }
        return sent;
    }

    /// <returns>How many calls were sent, and when the server counted each, in order.</returns>
    private static (int Sent, List<long> Counted) SimulateHungCalls(PacingSchedule schedule, int minutes, int everyNth, long way, long? answeredAfter = null)
    {
        var ends = new PriorityQueue<(long Call, bool Answered), long>();
        var counted = new List<long>();
        var random = new Random(11);
        var now = 0L;
        while (now < minutes * 60 * Second)
        {
            var next = Math.Max(now, schedule.Earliest(now));
            if (ends.TryPeek(out var ending, out var at) && at <= next)
            {
                now = Math.Max(now, at);
                ends.Dequeue();
                if (ending.Answered)
                    schedule.Answered(ending.Call, now);
                else
                    schedule.GivenUp(ending.Call, now);
                continue;
            }
            if (next > now)
            {
                now = next;
                continue;
            }
            now += random.Next(1_200);
            var hangs = counted.Count > 500 && counted.Count % everyNth == 0;
            ends.Enqueue((schedule.Take(now), !hangs || answeredAfter is not null), now + (hangs ? answeredAfter ?? (10 * Second) : 60_000 + random.Next(40_000)));
            counted.Add(now + (hangs ? way : 0));
        }
        counted.Sort();
        return (counted.Count, counted);
    }

    /// <summary>As the pacer makes it.</summary>
    private static PacingSchedule FiftyASecond() => new(50, Second, 0.99, 8_000, Second / 4, 0);

    private static int MostInASecond(List<long> arrivals)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < arrivals.Count; last++)
        {
            while (arrivals[last] - arrivals[first] >= Second)
                first++;
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }
}

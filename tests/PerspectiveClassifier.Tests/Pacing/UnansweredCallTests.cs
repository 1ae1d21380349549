using Millrace.PerspectiveClassifier.Pacing;
using static Millrace.PerspectiveClassifier.Tests.Pacing.PacingSimulation;

namespace Millrace.PerspectiveClassifier.Tests.Pacing;

/// <summary>Calls whose answers come late or not at all, and what they cost the others.</summary>
public sealed class UnansweredCallTests
{
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
}

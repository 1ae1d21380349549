using Millrace.Contracts;
using Millrace.Messaging.Workers;

namespace Millrace.Messaging.Tests.Workers;

public sealed class CancelledSetTests
{
    private readonly SetClock _clock = new();

    [Fact]
    public void The_named_attempt_and_earlier_ones_are_cancelled()
    {
        var set = Create(10);
        set.Add([new CancelledDispatch("a", 2), new CancelledDispatch("a", 1)]);
        Assert.True(set.Contains("a", 1) && set.Contains("a", 2) && set.Contains("a", null));
        Assert.False(set.Contains("a", 3) || set.Contains("b", 1) || set.Contains(null, 1));
    }

    [Fact]
    public void It_holds_no_more_than_its_capacity_and_forgets_the_oldest_first()
    {
        var set = Create(100);
        for (var index = 0; index < 10_000; index++)
            set.Add([new CancelledDispatch($"{index}", 1)]);
        var held = Enumerable.Range(0, 10_000).Where(index => set.Contains($"{index}", 1)).ToList();
        Assert.InRange(held.Count, 50, 100);
        Assert.Equal(Enumerable.Range(10_000 - held.Count, held.Count), held);
    }

    [Fact]
    public void It_forgets_after_twice_its_lifetime_and_not_before_one()
    {
        var set = Create(100);
        set.Add([new CancelledDispatch("a", 1)]);
        _clock.Now += TimeSpan.FromMinutes(59);
        set.Add([new CancelledDispatch("b", 1)]);
        _clock.Now += TimeSpan.FromMinutes(2);
        set.Add([new CancelledDispatch("c", 1)]);
        Assert.True(set.Contains("a", 1) && set.Contains("b", 1));
        _clock.Now += TimeSpan.FromMinutes(61);
        set.Add([new CancelledDispatch("d", 1)]);
        Assert.False(set.Contains("a", 1) || set.Contains("b", 1));
        Assert.True(set.Contains("c", 1));
    }

    [Fact]
    public void A_watch_is_called_once_all_of_its_items_are_cancelled()
    {
        var set = Create(100);
        var calls = 0;
        set.WatchAll([new StepItem("a", 1, default), new StepItem("b", 1, default)], () => calls++);
        using (set.WatchAll([new StepItem("a", 1, default)], () => calls += 10))
        {
        }
        set.Add([new CancelledDispatch("a", 1)]);
        Assert.Equal(0, calls);
        set.Add([new CancelledDispatch("b", 1)]);
        set.Add([new CancelledDispatch("b", 1)]);
        Assert.Equal(1, calls);
        set.WatchAll([new StepItem("b", 1, default)], () => calls += 100);
        Assert.Equal(101, calls);
    }

    private CancelledSet Create(int capacity) => new(capacity, TimeSpan.FromHours(1), _clock);

    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}

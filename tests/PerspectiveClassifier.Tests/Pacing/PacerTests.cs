using Millrace.PerspectiveClassifier.Pacing;

namespace Millrace.PerspectiveClassifier.Tests.Pacing;

public sealed class PacerTests
{
    [Fact]
    public async Task Turns_come_in_order_at_the_pace_of_the_quota()
    {
        using var pacer = new Pacer(new Quota(100, TimeSpan.FromSeconds(1)), 1, TimeProvider.System);
        var start = TimeProvider.System.GetTimestamp();

        var turns = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => pacer.WaitAsync(TestContext.Current.CancellationToken).AsTask()));

        Assert.Equal(Enumerable.Range(0, 50).Select(number => (long)number), turns);
        Assert.True(TimeProvider.System.GetElapsedTime(start).TotalSeconds >= 0.48);
    }

    [Fact]
    public async Task A_cancelled_call_takes_no_turn()
    {
        using var pacer = new Pacer(new Quota(10, TimeSpan.FromSeconds(1)), 1, TimeProvider.System);
        using var cancel = new CancellationTokenSource();
        pacer.Hold(TimeSpan.FromMilliseconds(300));
        var cancelled = pacer.WaitAsync(cancel.Token).AsTask();
        var other = pacer.WaitAsync(TestContext.Current.CancellationToken).AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(0, await other);
    }

    [Fact]
    public async Task Calls_that_wait_when_a_longer_pause_begins_than_they_may_wait_are_handed_back()
    {
        using var pacer = new Pacer(new Quota(1, TimeSpan.FromSeconds(100)), 1, TimeProvider.System, TimeSpan.FromSeconds(200));
        await pacer.WaitAsync(TestContext.Current.CancellationToken);
        var waiting = pacer.WaitAsync(TestContext.Current.CancellationToken).AsTask();
        pacer.Hold(TimeSpan.FromSeconds(150));
        Assert.False(waiting.IsCompleted);

        pacer.Hold(TimeSpan.FromSeconds(3_600));

        Assert.InRange((await Assert.ThrowsAsync<HeldBackException>(() => waiting)).For.TotalSeconds, 3_500, 3_600);
    }

    /// <summary>A call in 100 s: whoever comes after it would wait far longer than ten seconds.</summary>
    [Fact]
    public async Task Where_the_next_permit_is_free_only_later_than_a_call_may_wait_it_is_handed_back()
    {
        using var pacer = new Pacer(new Quota(1, TimeSpan.FromSeconds(100)), 1, TimeProvider.System, TimeSpan.FromSeconds(10));
        pacer.End(await pacer.WaitAsync(TestContext.Current.CancellationToken), answered: true);

        Assert.InRange(pacer.ExpectedWait.TotalSeconds, 50, 101);
        var waiting = pacer.WaitAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.InRange((await Assert.ThrowsAsync<HeldBackException>(() => waiting)).For.TotalSeconds, 50, 101);
    }

    [Fact]
    public async Task A_long_pause_leaves_nothing_to_catch_up()
    {
        using var pacer = new Pacer(new Quota(10, TimeSpan.FromSeconds(1)), 1, TimeProvider.System);
        pacer.Hold(TimeSpan.FromMilliseconds(300));
        var waiting = Enumerable.Range(0, 4).Select(_ => pacer.WaitAsync(TestContext.Current.CancellationToken).AsTask()).ToList();
        await waiting[0];
        var start = TimeProvider.System.GetTimestamp();

        await waiting[3];

        Assert.True(TimeProvider.System.GetElapsedTime(start).TotalSeconds >= 0.25);
    }

    [Fact]
    public async Task Held_calls_wait_and_say_how_long()
    {
        using var pacer = new Pacer(new Quota(10, TimeSpan.FromSeconds(1)), 1, TimeProvider.System);
        pacer.Hold(TimeSpan.FromSeconds(30));
        var waiting = pacer.WaitAsync(TestContext.Current.CancellationToken).AsTask();

        Assert.InRange(pacer.ExpectedWait.TotalSeconds, 29, 31);
        pacer.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}

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

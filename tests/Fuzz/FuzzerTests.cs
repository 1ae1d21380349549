using FsCheck;
using Xunit.Sdk;

namespace Millrace.Fuzz.Tests;

public sealed class FuzzerTests(ITestOutputHelper output)
{
    private static readonly FuzzSettings Settings = new(200, 5);

    private static readonly Arbitrary<byte[]> Inputs = Mutations.Of("abc");

    [Fact]
    public void A_door_that_never_ends_fails_with_the_input_and_the_seed()
    {
        using var never = new ManualResetEventSlim();
        var tried = 0;

        var failure = Assert.ThrowsAny<XunitException>(() => new Fuzzer(output, Settings, new HastyClock()).Run("stuck", 1, 0, Inputs, _ =>
        {
            Interlocked.Increment(ref tried);
            never.Wait();
            return Task.FromResult(true);
        }));

        Assert.Matches("stuck has not ended within 30 s on an input of seed 5: [0-9A-F]*", failure.Message);
        Assert.InRange(tried, 0, 1);
        never.Set();
    }

    [Fact]
    public void A_door_that_refuses_everything_fails()
    {
        var failure = Assert.ThrowsAny<XunitException>(
            () => new Fuzzer(output, Settings, TimeProvider.System).Run("shut", 1, 0.1, Inputs, _ => Task.FromResult(false)));

        Assert.Contains("shut took 0 of 200 inputs of seed 5", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_door_that_breaks_fails_with_what_broke_it()
    {
        var failure = Assert.ThrowsAny<Exception>(
            () => new Fuzzer(output, Settings, TimeProvider.System).Run<byte[]>("weak", 1, 0, Inputs, _ => throw new InvalidOperationException("it broke")));

        Assert.Contains("it broke", failure.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Every limit has passed at once.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

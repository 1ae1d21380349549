using Millrace.Storage;

namespace Millrace.WorkflowManager.Tests.Runtime.Timers;

public sealed class ClockCheckTests
{
    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_manager_whose_clock_is_off_by_more_than_a_lease_does_not_start_and_says_what_to_do(int seconds)
    {
        await using var place = await Workplace.OpenAsync();

        var error = await Assert.ThrowsAsync<StoreException>(() => ManageAsync(place, seconds));

        Assert.Equal(StoreFailure.Configuration, error.Failure);
        Assert.Contains("Synchronise both clocks", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(-20)]
    public async Task One_that_is_off_by_less_starts(int seconds)
    {
        await using var place = await Workplace.OpenAsync();

        await using var manager = await ManageAsync(place, seconds);

        Assert.False(manager.Token.IsCancellationRequested);
    }

    private static Task<TestManager> ManageAsync(Workplace place, int secondsOff)
    {
        var failpoints = new Failpoints(Fault.None, 0, seed: 0) { ReadClock = () => TimeProvider.System.GetUtcNow().AddSeconds(secondsOff) };
        return place.ManageAsync(new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a")], LeaseSeconds = 30 }, failpoints);
    }
}

using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime.Commits;

public sealed class RunningCacheTests
{
    [Fact]
    public void Memory_that_is_often_behind_is_not_trusted_until_it_is_right_again()
    {
        var cache = new RunningCache(new WorkflowManagerOptions());
        for (var request = 0; request < 1_000; request++)
            cache.Judge(wasBehind: request % 20 == 0);
        Assert.True(cache.IsTrusted);

        for (var request = 0; request < 200; request++)
            cache.Judge(wasBehind: request % 2 == 0);
        Assert.False(cache.IsTrusted);

        for (var request = 0; request < 1_000; request++)
            cache.Judge(wasBehind: false);
        Assert.True(cache.IsTrusted);
    }
}

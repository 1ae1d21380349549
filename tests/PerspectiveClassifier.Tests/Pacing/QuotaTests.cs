using Millrace.PerspectiveClassifier.Pacing;

namespace Millrace.PerspectiveClassifier.Tests.Pacing;

public sealed class QuotaTests
{
    [Theory]
    [InlineData(50, 1, 1.0, 50, 1)]
    [InlineData(50, 1, 0.5, 25, 1)]
    [InlineData(60, 60, 0.1, 6, 60)]
    [InlineData(50, 1, 1 / 3.0, 16, 1)]
    [InlineData(50, 1, 0.34, 17, 1)]
    [InlineData(1, 1, 0.5, 1, 2)]
    [InlineData(7, 60, 0.1, 1, 85.714286)]
    public void A_share_is_whole_calls_or_one_call_in_a_longer_window(int permits, double window, double share, int expected, double longer)
    {
        var found = new Quota(permits, TimeSpan.FromSeconds(window)).Share(share);

        Assert.Equal(expected, found.Permits);
        Assert.Equal(longer, found.Window.TotalSeconds, 6);
        Assert.True(found.PerSecond <= (share * permits / window) + 1e-6, $"{found}");
    }
}

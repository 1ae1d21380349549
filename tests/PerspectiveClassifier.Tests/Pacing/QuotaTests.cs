using Millrace.PerspectiveClassifier.Pacing;

namespace Millrace.PerspectiveClassifier.Tests.Pacing;

public sealed class QuotaTests
{
    [Theory]
    [InlineData(50, 1, 1.0, 50, 1)]
    [InlineData(50, 1, 0.5, 25, 1)]
    [InlineData(60, 60, 0.1, 6, 60)]
    [InlineData(50, 1, 1 / 3.0, 17, 1.02)]
    [InlineData(1, 1, 0.5, 1, 2)]
    public void A_share_keeps_the_rate_and_has_whole_calls(int permits, double window, double share, int expected, double longer)
    {
        var found = new Quota(permits, TimeSpan.FromSeconds(window)).Share(share);

        Assert.Equal(expected, found.Permits);
        Assert.Equal(longer, found.Window.TotalSeconds, 6);
        Assert.Equal(share * permits / window, found.PerSecond, 6);
    }
}

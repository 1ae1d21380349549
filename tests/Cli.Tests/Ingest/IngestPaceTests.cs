using Millrace.Cli.Ingest;

namespace Millrace.Cli.Tests.Ingest;

public sealed class IngestPaceTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void Before_anything_is_measured_the_estimate_speaks()
    {
        var pace = new IngestPace(expectedPerSecond: 100, _clock);

        pace.Look(0);

        Assert.Equal(60, pace.Remaining(6_000)!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void What_is_measured_soon_outweighs_the_estimate()
    {
        var pace = new IngestPace(expectedPerSecond: 1_000, _clock);
        pace.Look(0);

        var errors = new List<double>();
        for (var second = 1; second <= 120; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            pace.Look(second * 100);
            errors.Add(Math.Abs(pace.PerSecond!.Value - 100));
        }

        Assert.True(errors.Zip(errors.Skip(1)).All(pair => pair.Second <= pair.First + 1e-9), "the correction goes astray");
        Assert.Equal(100, pace.PerSecond!.Value, 6);
        Assert.Equal(120, pace.Remaining(24_000)!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void Without_an_estimate_the_measured_rate_alone_gives_the_time()
    {
        var pace = new IngestPace(expectedPerSecond: null, _clock);
        pace.Look(500);
        Assert.Null(pace.Remaining(10_000));

        _clock.Advance(TimeSpan.FromSeconds(10));
        pace.Look(1_500);

        Assert.Equal(100, pace.PerSecond!.Value, 6);
        Assert.Equal(85, pace.Remaining(10_000)!.Value.TotalSeconds, 6);
    }

    [Fact]
    public void A_change_of_pace_shows_after_a_minute()
    {
        var pace = new IngestPace(expectedPerSecond: null, _clock);
        var taken = 0L;
        for (var second = 0; second < 300; second++)
        {
            pace.Look(taken);
            _clock.Advance(TimeSpan.FromSeconds(1));
            taken += second < 200 ? 1_000 : 10;
        }

        pace.Look(taken);

        Assert.Equal(10, pace.PerSecond!.Value, 1);
    }

    [Fact]
    public void Nothing_moving_gives_no_time_and_nothing_left_gives_zero()
    {
        var pace = new IngestPace(expectedPerSecond: null, _clock);
        pace.Look(100);
        _clock.Advance(TimeSpan.FromSeconds(5));
        pace.Look(100);

        Assert.Null(pace.Remaining(200));
        Assert.Equal(TimeSpan.Zero, pace.Remaining(100));
    }
}

namespace Millrace.Contracts.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("30s", 30)]
    [InlineData(" 1h30m ", 5400)]
    [InlineData("1.5h", 5400)]
    [InlineData("30d", 2_592_000)]
    [InlineData("1w", 604_800)]
    public void What_people_write_is_read(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("5 parsecs")]
    [InlineData("99999999999999w")]
    public void Anything_else_is_refused(string? text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("90m")]
    [InlineData("250ms")]
    [InlineData("36h")]
    public void What_is_formatted_is_read_back(string text)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.True(Duration.TryParse(Duration.Format(duration), out var again));
        Assert.Equal(duration, again);
    }
}

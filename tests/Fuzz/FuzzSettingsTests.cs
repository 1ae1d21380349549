namespace Millrace.Fuzz.Tests;

public sealed class FuzzSettingsTests
{
    [Fact]
    public void Numbers_are_taken_and_what_is_not_given_has_its_default()
    {
        Assert.Equal(new FuzzSettings(250, 7), Read("250", "7"));
        Assert.Equal(new FuzzSettings(10_000, 1), Read(null, null));
    }

    [Theory]
    [InlineData("1e6")]
    [InlineData("1,000")]
    [InlineData("1_000")]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("3000000000")]
    public void What_is_no_number_of_inputs_is_refused_and_not_replaced(string inputs)
    {
        var refusal = Assert.Throws<ArgumentException>(() => Read(inputs, null));

        Assert.Contains($"MILLRACE_FUZZ_INPUTS is '{inputs}'; give a whole number", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_seed_is_refused() => Assert.Throws<ArgumentException>(() => Read(null, "seven"));

    private static FuzzSettings Read(string? inputs, string? seed) =>
        FuzzSettings.Read(name => name == FuzzSettings.InputsVariable ? inputs : seed);
}

namespace Millrace.Contracts.Tests;

public sealed class StepAddressTests
{
    [Fact]
    public void An_address_survives_its_text()
    {
        var address = new StepAddress(RequestIds.ForKey("w", "k"), "classify");
        Assert.True(StepAddress.TryParse(address.ToString(), out var again));
        Assert.Equal(address, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("classify")]
    [InlineData(":classify")]
    [InlineData("0b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f10")]
    [InlineData("0b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f10:")]
    [InlineData("0b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f10:a:b")]
    [InlineData("not-a-uuid:classify")]
    public void Anything_else_is_refused(string? text) => Assert.False(StepAddress.TryParse(text, out _));
}

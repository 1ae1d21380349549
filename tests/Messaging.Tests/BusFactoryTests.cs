using Microsoft.Extensions.Options;

namespace Millrace.Messaging.Tests;

public sealed class BusFactoryTests
{
    [Fact]
    public void Every_problem_of_a_URL_is_said_at_once()
    {
        var error = Assert.Throws<OptionsValidationException>(() => BusFactory.Create("amqp://h?heartbeat=0&queue-type=odd&certfile=/none&nope=1"));
        Assert.Equal(6, error.Failures.Count());
    }

    [Theory]
    [InlineData("kafka://h")]
    [InlineData("localhost")]
    [InlineData("")]
    public void Other_brokers_are_refused(string url) => Assert.Throws<OptionsValidationException>(() => BusFactory.Create(url));

    [Fact]
    public void Options_out_of_range_are_refused() =>
        Assert.Throws<OptionsValidationException>(() => BusFactory.Create("memory:", new BusOptions { MaxInFlight = 0 }));

    [Fact]
    public async Task A_description_tells_no_password()
    {
        await using var bus = BusFactory.Create("amqp://me:secret@broker:1234/team?heartbeat=5");
        Assert.Equal("amqp://broker:1234/team", bus.Description);
    }
}

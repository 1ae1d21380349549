using Millrace.Messaging.RabbitMq;
using RabbitMQ.Client;

namespace Millrace.Messaging.Tests.RabbitMq;

public sealed class SilentRoutesTests
{
    private readonly SilentRoutes _routes = new([]);

    [Fact]
    public void A_route_is_silent_until_the_broker_has_a_word_on_each_of_its_messages()
    {
        _routes.Add(3, next: 6, To("slow"));
        _routes.Add(5, next: 6, To("slow"));
        _routes.Remove(3);
        Assert.True(_routes.Contains(To("slow")));
        _routes.Remove(5);
        Assert.False(_routes.Contains(To("slow")));
    }

    [Fact]
    public void A_later_message_that_is_confirmed_ends_the_silence_of_its_own_route_about_the_earlier_ones()
    {
        _routes.Add(3, next: 10, To("slow"));
        _routes.Add(4, next: 10, To("other"));
        _routes.Add(9, next: 10, To("slow"));
        _routes.Confirmed(7, To("slow"));
        Assert.Equal(2, _routes.Count);
        Assert.True(_routes.Contains(To("slow")));
        _routes.Confirmed(10, To("slow"));
        Assert.False(_routes.Contains(To("slow")));
        Assert.True(_routes.Contains(To("other")));
    }

    [Fact]
    public void Two_probes_without_a_word_want_a_new_channel_which_goes_on_probing()
    {
        foreach (var number in (ulong[])[1, 2, 3])
            _routes.Add(number, next: 4, To("slow"));
        _routes.Add(4, next: 5, To("slow"));
        Assert.False(_routes.WantNewChannel);
        _routes.Add(5, next: 6, To("slow"));
        Assert.True(_routes.WantNewChannel);

        var after = new SilentRoutes(_routes.Routes);
        Assert.True(after.Contains(To("slow")));
        Assert.False(after.WantNewChannel);
        after.Confirmed(1, To("slow"));
        Assert.False(after.Contains(To("slow")));
    }

    private static Outbound To(string queue) => new("", queue, default, new BasicProperties(), Mandatory: true);
}

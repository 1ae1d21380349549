using Millrace.Messaging.RabbitMq;
using RabbitMQ.Client;

namespace Millrace.Messaging.Tests.RabbitMq;

public sealed class RefusedRoutesTests
{
    private static readonly Outbound Message = new("", "full", default, new BasicProperties(), Mandatory: true);

    private readonly SetClock _time = new();
    private readonly RefusedRoutes _routes;

    public RefusedRoutesTests() => _routes = new RefusedRoutes(_time);

    [Fact]
    public void A_route_that_is_refused_for_long_wants_another_channel_and_one_refusal_does_not()
    {
        _routes.Refused(Message);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.False(_routes.WantNewChannel);
        _routes.Refused(Message);
        Assert.True(_routes.WantNewChannel);
    }

    [Fact]
    public void A_confirm_in_between_begins_anew()
    {
        _routes.Refused(Message);
        _time.Advance(TimeSpan.FromSeconds(4));
        _routes.Confirmed(Message);
        _routes.Refused(Message);
        _time.Advance(TimeSpan.FromSeconds(4));
        _routes.Refused(Message);
        Assert.False(_routes.WantNewChannel);
    }

    private sealed class SetClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}

using Millrace.Messaging.RabbitMq;
using RabbitMQ.Client;

namespace Millrace.Messaging.Tests.RabbitMq;

public sealed class MessageMapperTests
{
    [Fact]
    public void Tables_and_lists_in_a_header_are_read_as_far_as_anybody_could_mean_them()
    {
        object value = "bottom";
        for (var level = 0; level < 20_000; level++)
            value = level % 2 == 0 ? new List<object?> { value } : new Dictionary<string, object?> { [""] = value };
        var amqp = new BasicProperties { Headers = new Dictionary<string, object?> { ["deep"] = value, ["flat"] = new List<object?> { 1, "two" } } };

        var headers = MessageMapper.FromAmqp(amqp).Headers;

        Assert.Equal("[1, two]", headers["flat"]);
        Assert.EndsWith("...]}]}]}]}]}]}]}]}", headers["deep"], StringComparison.Ordinal);
    }
}

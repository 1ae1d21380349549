using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// A look at a queue on a channel of its own, message by message: none is delivered before the one before was seen, so that never more
/// than one body is held here.
/// </summary>
internal static class QueueLook
{
    public static async Task RunAsync(IConnection connection, string queue, Func<IncomingMessage, Task<LookStep>> see, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            while (await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is { } got)
            {
                var step = await see(ToMessage(queue, got));
                if (step == LookStep.Take)
                    await channel.BasicAckAsync(got.DeliveryTag, multiple: false, CancellationToken.None);
                if (step != LookStep.Next)
                    return;
            }
        }
        finally
        {
            await GiveBackAsync(channel);
        }
    }

    private static IncomingMessage ToMessage(string queue, BasicGetResult got) =>
        new(queue, got.Exchange, got.RoutingKey, got.Body, MessageMapper.FromAmqp(got.BasicProperties), got.Redelivered ? 1 : 0)
        {
            Original = got.BasicProperties,
        };

    /// <summary>
    /// All that was not taken, which the number 0 stands for. A quorum queue hears of a closed channel late, and the next look would
    /// miss what is still away.
    /// </summary>
    private static async Task GiveBackAsync(IChannel channel)
    {
        if (channel.IsOpen)
            await channel.BasicNackAsync(0, multiple: true, requeue: true, CancellationToken.None);
        await Abandonment.CloseAsync(channel);
    }
}

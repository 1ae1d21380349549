using System.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>
/// What the broker itself gives on this machine: plain RabbitMQ.Client, persistent messages with confirms on a durable queue,
/// consumed with acknowledgements at the same time.
/// </summary>
internal static class RawBrokerRate
{
    private const int BodyBytes = 300;
    private const int InFlight = 256;
    private const ushort Prefetch = 500;
    private const int AckEvery = 50;

    /// <returns>Messages a second, each published, confirmed, consumed and acknowledged.</returns>
    public static async Task<double> MeasureAsync(string brokerUrl, int messages, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = new Uri(brokerUrl), ClientProvidedName = "millrace-bench-raw" };
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await using var receiver = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        // The client's own throttling slows to a crawl near its limit: none, and the flight is bounded here.
        var confirms = new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null);
        await using var sender = await connection.CreateChannelAsync(confirms, cancellationToken);
        var queue = "millrace-bench-raw-" + Guid.NewGuid().ToString("N");
        await receiver.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken);
        try
        {
            var consumed = await ConsumeAsync(receiver, queue, messages, cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await PublishAsync(sender, queue, messages, cancellationToken);
            await consumed.WaitAsync(cancellationToken);
            return messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            await receiver.QueueDeleteAsync(queue, cancellationToken: CancellationToken.None);
        }
    }

    private static async Task<Task> ConsumeAsync(IChannel channel, string queue, int messages, CancellationToken cancellationToken)
    {
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            count++;
            if (count % AckEvery == 0 || count == messages)
                await channel.BasicAckAsync(delivery.DeliveryTag, multiple: true, cancellationToken);
            if (count == messages)
                all.TrySetResult();
        };
        await channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken);
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        return all.Task;
    }

    private static async Task PublishAsync(IChannel channel, string queue, int messages, CancellationToken cancellationToken)
    {
        var body = new byte[BodyBytes];
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, ContentType = "application/json" };
        using var flight = new SemaphoreSlim(InFlight);
        for (var sent = 0; sent < messages; sent++)
        {
            await flight.WaitAsync(cancellationToken);
            _ = PublishOneAsync();
        }
        for (var slot = 0; slot < InFlight; slot++)
            await flight.WaitAsync(cancellationToken);

        async Task PublishOneAsync()
        {
            try
            {
                await channel.BasicPublishAsync("", queue, mandatory: false, properties, body, cancellationToken);
            }
            finally
            {
                flight.Release();
            }
        }
    }
}

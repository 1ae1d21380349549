using Millrace.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// Declares what is missing, on a channel of its own, because a refusal closes the channel. What exists with other settings, or
/// may not be configured by this user, is used as it is.
/// </summary>
internal sealed class Topology(IConnection connection, BusOptions options, DifferentQueues different)
{
    private const int AccessRefused = 403;
    private const int NotFound = 404;
    private const int PreconditionFailed = 406;

    /// <summary>More than anybody looks. Brokers before 4.0 do not take -1, and those since then drop after 20 where nothing is said.</summary>
    private const int Endless = 1_000_000_000;

    public Task DeclareQueueAsync(string queue, bool durable, CancellationToken cancellationToken) => DeclareAsync(
        queue,
        channel => channel.QueueDeclareAsync(queue, durable, exclusive: !durable, autoDelete: !durable, Arguments(queue, durable), cancellationToken: cancellationToken),
        channel => channel.QueueDeclarePassiveAsync(queue, cancellationToken),
        cancellationToken,
        durable && options.QueueType == QueueType.Quorum
            ? channel => channel.QueueDeclareAsync(queue, durable, exclusive: false, autoDelete: false, QuorumAlone(), cancellationToken: cancellationToken)
            : null);

    public Task DeclareExchangeAsync(string exchange, CancellationToken cancellationToken) => DeclareAsync(
        exchange,
        channel => channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken),
        channel => channel.ExchangeDeclarePassiveAsync(exchange, cancellationToken),
        cancellationToken);

    public async Task BindAsync(string queue, string exchange, string pattern, CancellationToken cancellationToken)
    {
        await DeclareExchangeAsync(exchange, cancellationToken);
        // A binding cannot be looked up; a user who may not bind relies on whoever set the broker up.
        await DeclareAsync(
            queue,
            channel => channel.QueueBindAsync(queue, exchange, pattern, cancellationToken: cancellationToken),
            channel => channel.QueueDeclarePassiveAsync(queue, cancellationToken),
            cancellationToken);
    }

    public async Task<QueueDepth?> InspectAsync(string queue, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            var found = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            return new QueueDepth(queue, found.MessageCount, (int)found.ConsumerCount);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == NotFound)
        {
            return null;
        }
        finally
        {
            await Abandonment.CloseAsync(channel);
        }
    }

    private Dictionary<string, object?>? Arguments(string queue, bool durable) => options switch
    {
        _ when !durable => null,
        { QueueType: QueueType.Quorum } when queue == Wire.DeadLetterQueue => new() { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = Endless },
        { QueueType: QueueType.Quorum } => KeepingQuorum(),
        { MaxPriority: > 0 } => new() { ["x-max-priority"] = options.MaxPriority },
        _ => null,
    };

    /// <summary>
    /// What a foreign worker rejects or never acknowledges becomes a dead letter and is not dropped. Our own consumers give up sooner
    /// and say why, whatever their limit.
    /// </summary>
    private static Dictionary<string, object?> KeepingQuorum() => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = ConsumerOptions.MaxDeliveryLimit,
        ["x-dead-letter-exchange"] = "",
        ["x-dead-letter-routing-key"] = Wire.DeadLetterQueue,
        // Kept until the dead-letter queue has it; the broker asks for reject-publish with it.
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    private static Dictionary<string, object?> QuorumAlone() => new() { ["x-queue-type"] = "quorum" };

    /// <param name="declareType">Asks for the type and nothing else: of several settings that differ the broker names one, and seldom the type.</param>
    private async Task DeclareAsync(
        string name, Func<IChannel, Task> declare, Func<IChannel, Task> look, CancellationToken cancellationToken, Func<IChannel, Task>? declareType = null)
    {
        try
        {
            await RunAsync(declare, cancellationToken);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode is AccessRefused or PreconditionFailed)
        {
            await RunAsync(look, cancellationToken);
            if (exception.ShutdownReason.ReplyCode == PreconditionFailed && different.IsNew(name))
                different.Tell(name, await FindOtherTypeAsync(declareType, cancellationToken) ?? exception.ShutdownReason.ReplyText);
        }
    }

    private async Task<string?> FindOtherTypeAsync(Func<IChannel, Task>? declareType, CancellationToken cancellationToken)
    {
        try
        {
            if (declareType is not null)
                await RunAsync(declareType, cancellationToken);
            return null;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == PreconditionFailed)
        {
            return exception.ShutdownReason.ReplyText.Contains("x-queue-type", StringComparison.Ordinal) ? exception.ShutdownReason.ReplyText : null;
        }
    }

    private async Task RunAsync(Func<IChannel, Task> act, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await act(channel);
        }
        finally
        {
            await Abandonment.CloseAsync(channel);
        }
    }
}

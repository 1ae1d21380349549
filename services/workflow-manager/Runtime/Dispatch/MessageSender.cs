using Microsoft.Extensions.Logging;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Sends until the broker has confirmed: what is unroutable or unknown is sent again after a pause.</summary>
internal sealed partial class MessageSender(
    IMessageBus bus, WorkflowManagerOptions options, TimeProvider clock, ILogger<MessageSender> logger)
{
    private int _onTheirWay;

    /// <summary>Messages that the broker has not confirmed yet.</summary>
    public int OnTheirWay => Volatile.Read(ref _onTheirWay);

    /// <param name="unroutable">Told once for each message that no queue takes; it is tried again all the same.</param>
    public async Task SendAsync(
        IReadOnlyList<OutgoingMessage> messages, Action<OutgoingMessage, string>? unroutable, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _onTheirWay, messages.Count);
        try
        {
            var left = messages;
            while (true)
            {
                var outcomes = await bus.SendAsync(left, cancellationToken);
                var failed = Failed(left, outcomes);
                if (failed.Count == 0)
                    return;
                LogNotSent(logger, failed.Count, failed[0].Outcome.Kind, failed[0].Message.RoutingKey, failed[0].Outcome.Reason);
                foreach (var (message, outcome) in failed.Where(pair => pair.Outcome.Kind == SendOutcomeKind.Unroutable))
                    await DeclareAsync(message, outcome, unroutable, cancellationToken);
                left = [.. failed.Select(pair => pair.Message)];
                await Task.Delay(TimeSpan.FromMilliseconds(options.ResendDelayMs), clock, cancellationToken);
            }
        }
        finally
        {
            Interlocked.Add(ref _onTheirWay, -messages.Count);
        }
    }

    private static List<(OutgoingMessage Message, SendOutcome Outcome)> Failed(
        IReadOnlyList<OutgoingMessage> messages, IReadOnlyList<SendOutcome> outcomes)
    {
        var failed = new List<(OutgoingMessage, SendOutcome)>();
        for (var index = 0; index < messages.Count; index++)
        {
            if (outcomes[index].Kind != SendOutcomeKind.Confirmed)
                failed.Add((messages[index], outcomes[index]));
        }
        return failed;
    }

    /// <summary>A queue that somebody deleted is made anew; the next attempt then reaches it.</summary>
    private async Task DeclareAsync(
        OutgoingMessage message, SendOutcome outcome, Action<OutgoingMessage, string>? unroutable, CancellationToken cancellationToken)
    {
        unroutable?.Invoke(message, outcome.Reason ?? "no queue takes it");
        if (message.Exchange.Length == 0)
            await bus.DeclareQueueAsync(message.RoutingKey, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} messages are not confirmed ({Outcome}), first for {Queue}: {Reason}; sending them again")]
    private static partial void LogNotSent(ILogger logger, int count, SendOutcomeKind outcome, string queue, string? reason);
}

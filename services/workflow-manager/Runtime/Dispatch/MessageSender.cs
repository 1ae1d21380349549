using Microsoft.Extensions.Logging;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Sends until the broker has confirmed: what is unroutable or unknown is sent again after a pause. What goes to a queue that can't be
/// made is given back instead, for others must not wait for it.
/// </summary>
internal sealed partial class MessageSender(
    IMessageBus bus, WorkflowManagerOptions options, TimeProvider clock, ILogger<MessageSender> logger)
{
    private int _onTheirWay;

    /// <summary>Messages that the broker has not confirmed yet.</summary>
    public int OnTheirWay => Volatile.Read(ref _onTheirWay);

    /// <param name="unroutable">Told each time that no queue takes a message.</param>
    /// <returns>Messages that are not sent: there is no such queue, and it can't be made. All others are confirmed.</returns>
    public async Task<IReadOnlyList<OutgoingMessage>> SendAsync(
        IReadOnlyList<OutgoingMessage> messages, Action<OutgoingMessage, string>? unroutable, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _onTheirWay, messages.Count);
        try
        {
            var unsent = new List<OutgoingMessage>();
            var left = messages;
            while (left.Count > 0)
            {
                var failed = Failed(left, await bus.SendAsync(left, cancellationToken));
                if (failed.Count == 0)
                    break;
                LogNotSent(logger, failed.Count, failed[0].Outcome.Kind, failed[0].Message.RoutingKey, failed[0].Outcome.Reason);
                var missing = await DeclareAsync(failed, unroutable, cancellationToken);
                unsent.AddRange(failed.Where(IsMissing).Select(pair => pair.Message));
                left = [.. failed.Where(pair => !IsMissing(pair)).Select(pair => pair.Message)];
                if (left.Count > 0)
                    await Task.Delay(TimeSpan.FromMilliseconds(options.ResendDelayMs), clock, cancellationToken);

                bool IsMissing((OutgoingMessage Message, SendOutcome Outcome) pair) =>
                    pair.Outcome.Kind == SendOutcomeKind.Unroutable && pair.Message.Exchange.Length == 0 && missing.Contains(pair.Message.RoutingKey);
            }
            return unsent;
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
    /// <returns>Queues that could not be made.</returns>
    private async Task<HashSet<string>> DeclareAsync(
        List<(OutgoingMessage Message, SendOutcome Outcome)> failed, Action<OutgoingMessage, string>? unroutable, CancellationToken cancellationToken)
    {
        var returned = failed.Where(pair => pair.Outcome.Kind == SendOutcomeKind.Unroutable).ToList();
        foreach (var (message, outcome) in returned)
            unroutable?.Invoke(message, outcome.Reason ?? "no queue takes it");
        var missing = new HashSet<string>();
        foreach (var queue in returned.Where(pair => pair.Message.Exchange.Length == 0).Select(pair => pair.Message.RoutingKey).Distinct())
        {
            try
            {
                await bus.DeclareQueueAsync(queue, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever keeps this queue from being made, the messages for others must not wait for it.
                LogNotMade(logger, queue, failure);
                missing.Add(queue);
            }
        }
        return missing;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} messages are not confirmed ({Outcome}), first for {Queue}: {Reason}; sending them again")]
    private static partial void LogNotSent(ILogger logger, int count, SendOutcomeKind outcome, string queue, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "There is no queue {Queue}, and it can't be made; its messages stay saved and are tried again")]
    private static partial void LogNotMade(ILogger logger, string queue, Exception failure);
}

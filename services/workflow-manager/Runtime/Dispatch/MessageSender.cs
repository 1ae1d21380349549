using Microsoft.Extensions.Logging;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>A message that its queue did not take, and what the broker said.</summary>
internal readonly record struct UnsentMessage(OutgoingMessage Message, SendOutcome Outcome);

/// <summary>
/// Sends until the broker has confirmed: while the broker or the connection fails, all is sent again after a pause. What one queue does
/// not take, because it is full, silent or can't be made, is given back instead, for others must not wait for it.
/// </summary>
internal sealed partial class MessageSender(
    IMessageBus bus, BrokerWatch watch, WorkflowManagerOptions options, TimeProvider clock, ILogger<MessageSender> logger)
{
    /// <summary>Messages that the broker has not confirmed yet.</summary>
    public int OnTheirWay => watch.OnTheirWay;

    /// <param name="writeAgain">
    /// Asked before messages that failed are sent again, for what is to be sent in their place; null sends the same again.
    /// </param>
    /// <returns>Messages that their queues do not take now, to be tried again later. All others are confirmed.</returns>
    public async Task<IReadOnlyList<UnsentMessage>> SendAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken,
        Func<IReadOnlyList<OutgoingMessage>, Task<IReadOnlyList<OutgoingMessage>>>? writeAgain = null)
    {
        var isFailing = false;
        watch.Begin(messages.Count);
        try
        {
            var unsent = new List<UnsentMessage>();
            var made = new HashSet<string>();
            var left = messages;
            while (left.Count > 0)
            {
                var failed = Failed(left, await bus.SendAsync(left, cancellationToken));
                if (failed.Count == 0)
                    break;
                LogNotSent(logger, failed.Count, failed[0].Outcome.Kind, failed[0].Message.RoutingKey, failed[0].Outcome.Reason);
                var reachable = await MakeAsync(failed, made, cancellationToken);
                unsent.AddRange(failed.Where(each => !IsOthersFault(each)));
                left = [.. failed.Where(IsOthersFault).Select(each => each.Message)];
                if (left.Count == 0)
                    break;
                if (!isFailing)
                    watch.Fail();
                isFailing = true;
                await Task.Delay(TimeSpan.FromMilliseconds(options.ResendDelayMs), clock, cancellationToken);
                if (writeAgain is not null)
                    left = await writeAgain(left);

                bool IsOthersFault(UnsentMessage each) => IsReturned(each)
                    ? reachable.Contains(each.Message.RoutingKey)
                    : each.Outcome is { Kind: SendOutcomeKind.Unknown, Fault: QueueFault.None };
            }
            return unsent;
        }
        finally
        {
            if (isFailing)
                watch.Recover();
            watch.End(messages.Count);
        }
    }

    private static List<UnsentMessage> Failed(IReadOnlyList<OutgoingMessage> messages, IReadOnlyList<SendOutcome> outcomes)
    {
        var failed = new List<UnsentMessage>();
        for (var index = 0; index < messages.Count; index++)
        {
            if (outcomes[index].Kind != SendOutcomeKind.Confirmed)
                failed.Add(new UnsentMessage(messages[index], outcomes[index]));
        }
        return failed;
    }

    /// <summary>A queue that somebody deleted is made anew, once a call.</summary>
    /// <returns>Queues that are there now.</returns>
    private async Task<HashSet<string>> MakeAsync(List<UnsentMessage> failed, HashSet<string> made, CancellationToken cancellationToken)
    {
        var reachable = new HashSet<string>();
        foreach (var queue in failed.Where(IsReturned).Select(each => each.Message.RoutingKey).Distinct())
        {
            if (made.Add(queue) && await TryMakeAsync(queue, cancellationToken))
                reachable.Add(queue);
        }
        return reachable;
    }

    private static bool IsReturned(UnsentMessage each) => each is { Outcome.Kind: SendOutcomeKind.Unroutable, Message.Exchange: "" };

    private async Task<bool> TryMakeAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            await bus.DeclareQueueAsync(queue, cancellationToken);
            return true;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever keeps this queue from being made, the messages for others must not wait for it.
            LogNotMade(logger, queue, failure);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} messages are not confirmed ({Outcome}), first for {Queue}: {Reason}; they are tried again")]
    private static partial void LogNotSent(ILogger logger, int count, SendOutcomeKind outcome, string queue, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "There is no queue {Queue}, and it can't be made; its messages stay saved and are tried again")]
    private static partial void LogNotMade(ILogger logger, string queue, Exception failure);
}

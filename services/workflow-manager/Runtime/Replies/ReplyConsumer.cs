using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Suspects;

namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>
/// Reads what workers answer. A reply is acknowledged once what follows from it is saved; what is no reply, or a bad one, is then kept
/// as a dead letter.
/// </summary>
internal sealed partial class ReplyConsumer(
    IMessageBus bus, WorkInbox inbox, SuspectSender suspects, WorkflowManagerOptions options, RuntimeMeter meter, ILogger<ReplyConsumer> logger)
{
    /// <param name="queue">One of the reply queues.</param>
    /// <param name="isOwn">Whether it comes before those who read it only lest nobody does.</param>
    public Task<IAsyncDisposable> StartAsync(string queue, bool isOwn, CancellationToken cancellationToken) => bus.ConsumeAsync(
        new ConsumerOptions
        {
            Queue = queue,
            Prefetch = options.ReplyPrefetch,
            Priority = isOwn ? 1 : 0,
            DeliveryLimit = options.DeliveryLimit,
            Suspects = suspects.Aside,
        },
        HandleAsync, cancellationToken);

    public async Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var (replies, unassigned) = ReplyReader.Read(message);
        var works = replies.Select(Works.Reply).ToList();
        await inbox.RunAsync(works, cancellationToken);
        FailPoint.Reach("reply.saved");
        meter.Replied(works.Count);
        if (unassigned is not null)
        {
            LogUnassigned(logger, unassigned);
            throw new DeadLetterException(unassigned);
        }
        var unknown = works.FindIndex(work => work.Outcome == WorkOutcome.UnknownRequest);
        if (unknown >= 0)
            throw new DeadLetterException($"there is no request {works[unknown].RequestId} to which it could be a reply");
        if (replies.FirstOrDefault(reply => reply.Error?.Type == ReplyReader.BadReply) is { } bad)
            throw new DeadLetterException($"the step {bad.Address} failed with it: {bad.Error!.Message}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A reply can't be assigned to any step: {Reason}")]
    private static partial void LogUnassigned(ILogger logger, string reason);
}

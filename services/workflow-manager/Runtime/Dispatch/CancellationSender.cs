using System.Text.Json;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Tells whoever works on a queue, by the exchange <c>cancellations</c>, which of its messages nobody waits for any more.</summary>
internal sealed class CancellationSender(MessageSender sender)
{
    private const int MaxItemsPerMessage = 1_000;

    /// <returns>Those that a listener's queue does not take now.</returns>
    public async Task<IReadOnlyList<OpenEffect>> SendAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var messages = effects.GroupBy(QueueOf)
            .SelectMany(queue => queue.Chunk(MaxItemsPerMessage).Select(carried => (Message: Write(queue.Key, [.. carried.Select(Describe)]), Carried: carried)))
            .ToList();
        var unsent = await sender.SendAsync([.. messages.Select(each => each.Message)], cancellationToken);
        return unsent.Count == 0 ? [] : [.. unsent.SelectMany(left => messages.Find(each => ReferenceEquals(each.Message, left.Message)).Carried)];
    }

    private static string QueueOf(OpenEffect open) => open.Request.Graph.Steps[StepOf(open).Step].Queue;

    private static CancelledDispatch Describe(OpenEffect open)
    {
        var (step, attempt) = StepOf(open);
        return new CancelledDispatch(open.Request.AddressOf(step).ToString(), attempt);
    }

    /// <summary>Nobody need listen.</summary>
    private static OutgoingMessage Write(string queue, CancelledDispatch[] items) => new(
        Wire.CancellationsExchange, queue, JsonSerializer.SerializeToUtf8Bytes(items, MillraceJson.Options),
        new MessageProperties { ContentType = Wire.JsonContentType }, Mandatory: false);

    private static (int Step, int Attempt) StepOf(OpenEffect open)
    {
        var cancel = (Effect.CancelDispatch)open.Effect;
        return (cancel.Step, cancel.Attempt);
    }
}

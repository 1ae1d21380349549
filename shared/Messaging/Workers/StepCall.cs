using Millrace.Contracts;

namespace Millrace.Messaging.Workers;

/// <summary>A message in the shell, from its delivery until its reply is confirmed.</summary>
internal sealed class StepCall(StepMessage message)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StepMessage Message => message;

    public StepReply[] Replies { get; } = new StepReply[message.Items.Count];

    /// <summary>Why the message must be kept: a part that belongs to nobody, or an error that nobody asked to be told. Null if all is well.</summary>
    public string? Untold => message.Unassigned ?? (string.IsNullOrEmpty(message.Source.Properties.ReplyTo)
        ? Replies.Select(reply => reply.Error?.Message).Where(error => error is not null)
            .Select(error => $"no reply_to, and the step failed: {error}").FirstOrDefault()
        : null);

    /// <summary>Ends when the message may be acknowledged, or fails when it must be delivered again.</summary>
    public Task Done => _done.Task;

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception exception) => _done.TrySetException(exception);
}

/// <summary>One input of the handler and where its reply belongs.</summary>
internal readonly record struct StepInput<TIn>(StepCall Call, int Index, TIn Value)
{
    public StepItem Item => Call.Message.Items[Index];

    public DateTimeOffset? Deadline => Call.Message.Deadline;

    public void Reply(StepReply reply) => Call.Replies[Index] = reply;

    public string Request => StepAddress.TryParse(Item.CorrelationId, out var address) ? address.RequestId.ToString("D") : Item.CorrelationId ?? "";
}

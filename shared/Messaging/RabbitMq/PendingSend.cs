namespace Millrace.Messaging.RabbitMq;

/// <summary>The outcomes of one call, filled in as the broker's words arrive.</summary>
internal sealed class PendingSend(int count)
{
    private readonly SendOutcome?[] _outcomes = new SendOutcome?[count];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = count;

    public Task Done => _done.Task;

    /// <summary>Called once a message.</summary>
    public void Settle(int index, SendOutcome outcome)
    {
        lock (_outcomes)
            _outcomes[index] = outcome;
        if (Interlocked.Decrement(ref _open) == 0)
            _done.TrySetResult();
    }

    /// <param name="missing">Said of messages that nobody has settled.</param>
    public SendOutcome[] Outcomes(string missing)
    {
        lock (_outcomes)
            return [.. _outcomes.Select(outcome => outcome ?? new SendOutcome(SendOutcomeKind.Unknown, missing))];
    }
}

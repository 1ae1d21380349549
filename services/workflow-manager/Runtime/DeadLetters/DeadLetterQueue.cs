using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Ingest;

namespace Millrace.WorkflowManager.Runtime.DeadLetters;

/// <summary>
/// Looks into the dead-letter queue and takes single messages out of it. A look fetches without acknowledging, so what is looked at is
/// away from other readers for that moment. A quorum queue counts it as a delivery, so none is too many here.
/// </summary>
internal sealed class DeadLetterQueue(IMessageBus bus) : IDisposable
{
    private const int MaxLooked = 200;

    private readonly SemaphoreSlim _oneLook = new(1);

    /// <summary>Bodies that one list reads, in bytes: it ends with the letter that reaches them.</summary>
    public int MaxListedBytes { get; init; } = 64 * 1024 * 1024;

    /// <exception cref="IOException">The broker went away.</exception>
    public async Task<DeadLetterListView> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var depth = await bus.InspectAsync(Wire.DeadLetterQueue, cancellationToken);
        var (letters, bytes) = (new List<DeadLetterView>(), 0L);
        await LookAsync(letter =>
        {
            letters.Add(letter.Show());
            bytes += letter.Message.Body.Length;
            return Task.FromResult(letters.Count < Math.Min(limit, MaxLooked) && bytes < MaxListedBytes ? LookStep.Next : LookStep.Stop);
        }, cancellationToken);
        var total = Math.Max(depth?.Messages ?? 0, letters.Count);
        return new DeadLetterListView(letters, total, HasMore: total > letters.Count);
    }

    /// <summary>
    /// Sends a message again to where it was sent first, and only once the broker has it takes it out. If the broker is lost between
    /// the two, both are there: a request that comes twice is one.
    /// </summary>
    /// <returns>False if there is none of that id among the first.</returns>
    /// <exception cref="RefusedException">It does not say where it came from, or nobody takes it there; it stays.</exception>
    /// <exception cref="NotConfirmedException">It stays.</exception>
    /// <exception cref="IOException">The broker went away.</exception>
    public Task<bool> RequeueAsync(string id, CancellationToken cancellationToken) => TakeAsync(id, SendAgainAsync, cancellationToken);

    /// <returns>False if there is none of that id among the first.</returns>
    /// <exception cref="IOException">The broker went away.</exception>
    public Task<bool> DiscardAsync(string id, CancellationToken cancellationToken) => TakeAsync(id, _ => Task.CompletedTask, cancellationToken);

    public void Dispose() => _oneLook.Dispose();

    private async Task SendAgainAsync(DeadLetter letter)
    {
        var (exchange, routingKey) = letter.Origin
            ?? throw new RefusedException("no-origin", "The message does not say where it was sent first; it can only be discarded.");
        // What has begun is brought to its end, within the time of a send, even if the caller has gone.
        var outcome = await bus.ForwardAsync(letter.Message, exchange, routingKey, letter.Marks, CancellationToken.None);
        if (outcome.Kind == SendOutcomeKind.Unroutable)
            throw new RefusedException("not-taken", $"The message was not taken at {exchange}/{routingKey}: {outcome.Reason}");
        if (outcome.Kind != SendOutcomeKind.Confirmed)
            throw new NotConfirmedException(
                $"The broker has not confirmed the message at {exchange}/{routingKey}, and it stays a dead letter: {outcome.Reason}");
    }

    private async Task<bool> TakeAsync(string id, Func<DeadLetter, Task> before, CancellationToken cancellationToken)
    {
        var (looked, isFound) = (0, false);
        await LookAsync(async letter =>
        {
            if (letter.Id != id)
                return ++looked < MaxLooked ? LookStep.Next : LookStep.Stop;
            await before(letter);
            isFound = true;
            return LookStep.Take;
        }, cancellationToken);
        return isFound;
    }

    private async Task LookAsync(Func<DeadLetter, Task<LookStep>> see, CancellationToken cancellationToken)
    {
        await _oneLook.WaitAsync(cancellationToken);
        try
        {
            await bus.LookAsync(Wire.DeadLetterQueue, message => see(DeadLetter.From(message)), cancellationToken);
        }
        finally
        {
            _oneLook.Release();
        }
    }
}

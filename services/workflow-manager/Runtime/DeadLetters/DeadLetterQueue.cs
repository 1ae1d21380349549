using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Ingest;

namespace Millrace.WorkflowManager.Runtime.DeadLetters;

/// <summary>
/// Looks into the dead-letter queue and takes single messages out of it. A look consumes without acknowledging, so what is
/// looked at is away from other readers for that moment. A quorum queue counts it as a delivery, so none is too many here.
/// </summary>
internal sealed class DeadLetterQueue(IMessageBus bus, TimeProvider clock) : IDisposable
{
    private const int MaxLooked = 200;
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _oneLook = new(1);

    public async Task<DeadLetterListView> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var depth = await bus.InspectAsync(Wire.DeadLetterQueue, cancellationToken);
        var letters = await LookAsync(Math.Min(limit, MaxLooked), _ => Task.FromResult(false), found: null, cancellationToken);
        return new DeadLetterListView([.. letters.Select(letter => letter.Show())], depth?.Messages ?? 0);
    }

    /// <summary>Sends a message again to where it was sent first, and only then takes it out.</summary>
    /// <returns>False if there is none of that id among the first.</returns>
    /// <exception cref="RefusedException">It does not say where it came from, or nobody takes it there.</exception>
    public Task<bool> RequeueAsync(string id, CancellationToken cancellationToken) => TakeAsync(id, async letter =>
    {
        var message = letter.Again() ?? throw new RefusedException("no-origin", "The message does not say where it was sent first; it can only be discarded.");
        var outcome = (await bus.SendAsync([message], cancellationToken))[0];
        if (outcome.Kind != SendOutcomeKind.Confirmed)
            throw new RefusedException("not-taken", $"The message was not taken at {message.Exchange}/{message.RoutingKey}: {outcome.Reason}");
    }, cancellationToken);

    public Task<bool> DiscardAsync(string id, CancellationToken cancellationToken) => TakeAsync(id, _ => Task.CompletedTask, cancellationToken);

    public void Dispose() => _oneLook.Dispose();

    private async Task<bool> TakeAsync(string id, Func<DeadLetter, Task> before, CancellationToken cancellationToken)
    {
        var (isTaken, failure) = (0, (RefusedException?)null);
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await LookAsync(MaxLooked, async letter =>
        {
            if (letter.Id != id || Interlocked.Exchange(ref isTaken, 1) == 1)
                return false;
            try
            {
                await before(letter);
                return true;
            }
            catch (RefusedException refusal)
            {
                failure = refusal;
                return false;
            }
            finally
            {
                found.TrySetResult();
            }
        }, found.Task, cancellationToken);
        return failure is null ? isTaken == 1 : throw failure;
    }

    /// <param name="take">True takes the message out of the queue; all others go back to it.</param>
    /// <param name="found">
    /// Ends a search for one message; null looks at as many as the broker says there are. It counts late what an earlier look gave
    /// back, which a list shows the next time and a search must not miss.
    /// </param>
    private async Task<IReadOnlyList<DeadLetter>> LookAsync(
        int limit, Func<DeadLetter, Task<bool>> take, Task? found, CancellationToken cancellationToken)
    {
        await _oneLook.WaitAsync(cancellationToken);
        try
        {
            var depth = await bus.InspectAsync(Wire.DeadLetterQueue, cancellationToken);
            var look = new Look(limit, take, expected: found is null ? (int)Math.Min(limit, depth?.Messages ?? 0) : int.MaxValue);
            // With no time to drain, the handlers that hold on to their messages end at once, and these go back.
            var options = new ConsumerOptions
            {
                Queue = Wire.DeadLetterQueue,
                Prefetch = limit,
                DeliveryLimit = ConsumerOptions.NoDeliveryLimit,
                DrainLimitSeconds = 0,
            };
            await using (await bus.ConsumeAsync(options, look.HandleAsync, cancellationToken))
                await (found ?? look.Seen).WaitAsync(LongestLook, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return look.Letters;
        }
        finally
        {
            _oneLook.Release();
        }
    }

    private sealed class Look
    {
        private readonly int _limit;
        private readonly Func<DeadLetter, Task<bool>> _take;
        private readonly int _expected;
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _lock = new();
        private readonly List<DeadLetter> _letters = [];
        private int _done;

        public Look(int limit, Func<DeadLetter, Task<bool>> take, int expected)
        {
            (_limit, _take, _expected) = (limit, take, expected);
            if (expected == 0)
                _seen.TrySetResult();
        }

        public Task Seen => _seen.Task;

        public IReadOnlyList<DeadLetter> Letters
        {
            get
            {
                lock (_lock)
                    return [.. _letters];
            }
        }

        public async Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
        {
            var letter = DeadLetter.From(message);
            lock (_lock)
            {
                if (_letters.Count < _limit)
                    _letters.Add(letter);
            }
            var isTaken = await _take(letter);
            lock (_lock)
            {
                if (++_done >= _expected)
                    _seen.TrySetResult();
            }
            if (!isTaken)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Storage.Documents;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// The rate limits of steps, kept as documents so that managers share them and a restart forgets nothing. Slots are taken
/// many at a time by compare-and-set; a gate without a limit costs nothing unless a worker has closed it.
/// </summary>
/// <remarks>
/// What is known of a gate never goes back: of two documents the newer counts, whichever was read first, and a closing holds here
/// from the moment of its word on. Each write to the gate carries it along, and <see cref="ShareAsync"/> is repeated until one has.
/// </remarks>
internal sealed class RateGates(IDocumentStore documents, WorkflowManagerOptions options, StoreClock clock)
{
    private const string Prefix = "gates/";
    private const int MaxGates = 10_000;

    /// <summary>Longer than a slot that was given away takes until it is saved with who asked for it.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<StepKey, KnownGate> _known = new();
    private readonly ConcurrentDictionary<StepKey, DateTimeOffset> _unshared = new();
    private readonly ConcurrentDictionary<StepKey, string> _reasons = new();
    private Task _sharing = Task.CompletedTask;
    private long _latestHold;

    /// <summary>True while nothing holds back whoever has a slot or needs none, and nothing has lately.</summary>
    public bool AllOpen => clock.GetUtcNow().UtcTicks >= Volatile.Read(ref _latestHold) + Ramp.Length.Ticks + LookAhead.Ticks;

    private Ramp Ramp { get; } = new(options.RampStartPerSecond, TimeSpan.FromSeconds(options.RampSeconds));

    private TimeSpan LookAhead { get; } = TimeSpan.FromMilliseconds(options.BatchLookAheadMs);

    public Pace PaceOf(StepDefinition step) => Pace.Of(step, LookAhead);

    /// <summary>Reserves slots for the next dispatches of the step.</summary>
    public async Task<IReadOnlyList<DateTimeOffset>> ReserveAsync(StepKey step, int count, Pace pace, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset[] slots = [];
        await ChangeAsync(step, state =>
        {
            (var next, slots) = state.Reserve(count, pace, Ramp, now);
            return next;
        }, cancellationToken);
        return slots;
    }

    /// <summary>Gives those who missed their slots others, before whoever is in the line.</summary>
    /// <param name="missed">In the order in which they are to go.</param>
    /// <returns>The round in which these slots count.</returns>
    public async Task<(IReadOnlyList<DateTimeOffset> Turns, long Round)> LetThroughAsync(
        StepKey step, IReadOnlyList<MissedSlot> missed, Pace pace, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset[] turns = [];
        var state = await ChangeAsync(step, state =>
        {
            (var next, turns) = state.LetThrough(missed, pace, now);
            return next;
        }, cancellationToken);
        return (turns, state.Round);
    }

    /// <summary>How a worker's word, and those who missed their slots, bear on the step now.</summary>
    public StepGate Look(StepKey step, StepDefinition definition, DateTimeOffset now)
    {
        var state = Find(step);
        var isClosed = state.ClosedUntil > now;
        var isCrowded = !isClosed && state.ClosedUntil > now - Ramp.Length;
        var isPaced = definition.RateLimit is not null;
        return new StepGate(
            IsPaused: false, isClosed ? state.ClosedUntil : null, isCrowded, isPaced ? state.RoundAt(PaceOf(definition), now) : null)
        {
            Void = isPaced ? state.VoidAt(now) : null,
            Reason = isClosed || isCrowded ? _reasons.GetValueOrDefault(step) : null,
        };
    }

    /// <summary>Nothing queued for the step leaves before <paramref name="until"/>: here at once, elsewhere once it is saved.</summary>
    /// <param name="reason">The worker's, which is known here alone; null: it gave none.</param>
    public void Close(StepKey step, DateTimeOffset until, string? reason = null)
    {
        if (Find(step).ClosedUntil >= until)
            return;
        if (reason is null)
            _reasons.TryRemove(step, out _);
        else
            _reasons[step] = reason;
        _unshared.AddOrUpdate(step, until, (_, known) => known > until ? known : until);
        Note(until);
        if (_sharing.IsCompleted)
            _sharing = TryShareAsync();
    }

    /// <summary>Saves what workers said here; what can't be saved now is tried again with the next call.</summary>
    public async Task ShareAsync(CancellationToken cancellationToken)
    {
        foreach (var (step, until) in _unshared)
        {
            await ChangeAsync(step, state => state, cancellationToken);
            _unshared.TryRemove(KeyValuePair.Create(step, until));
        }
    }

    public GateState Find(StepKey step)
    {
        var state = _known.TryGetValue(step, out var known) ? known.State : GateState.Open;
        return _unshared.TryGetValue(step, out var until) ? state.Close(until) : state;
    }

    /// <summary>Takes over what other managers wrote.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var document in await documents.ListAsync(Prefix, MaxGates, cancellationToken))
        {
            var parts = document.Key[Prefix.Length..].Split('/', 2);
            if (parts.Length == 2)
                Remember(new StepKey(parts[0], parts[1]), Read(document), document.Version);
        }
        await ShareAsync(cancellationToken);
    }

    /// <summary>
    /// Takes back slots that nobody holds any more, as when all that waited were cancelled: who comes next need not wait behind them. Where
    /// slots were given away lately some may be on their way to those that asked, so such a gate is left as it is.
    /// </summary>
    /// <param name="isHeld">Whether anybody may hold a slot of the step.</param>
    public async Task EmptyAsync(Func<StepKey, Task<bool>> isHeld, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var (step, gate) in _known)
        {
            if (!gate.State.IsLong(now) || clock.GetElapsedTime(gate.SeenAt) < Quiet || await isHeld(step))
                continue;
            var empty = gate.State.Empty(now);
            if (await documents.PutAsync(Prefix + step, Write(empty), gate.Version, cancellationToken) is { } version)
                Remember(step, empty, version);
        }
    }

    /// <summary>Gates whose slots are given away for long.</summary>
    public IEnumerable<(StepKey Step, GateState State)> Lines()
    {
        var now = clock.GetUtcNow();
        return _known.Where(known => known.Value.State.IsLong(now)).Select(known => (known.Key, known.Value.State));
    }

    /// <summary>Begins the line of a step anew; whoever holds a slot is to be told.</summary>
    public Task CloseUpAsync(StepKey step, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return ChangeAsync(step, state => state.CloseUp(now), cancellationToken);
    }

    private async Task TryShareAsync()
    {
        try
        {
            await ShareAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // The refresh does it again each second, and says so if it can't.
        }
    }

    private async Task<GateState> ChangeAsync(StepKey step, Func<GateState, GateState> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stored = await documents.GetAsync(Prefix + step, cancellationToken);
            var state = stored is null ? GateState.Open : Read(stored);
            var next = change(_unshared.TryGetValue(step, out var until) ? state.Close(until) : state);
            if (await documents.PutAsync(Prefix + step, Write(next), stored?.Version ?? 0, cancellationToken) is { } version)
            {
                Remember(step, next, version);
                return next;
            }
        }
    }

    private void Remember(StepKey step, GateState state, long version)
    {
        var read = new KnownGate(state, version, clock.GetTimestamp());
        _known.AddOrUpdate(step, read, (_, known) => known.Version >= version ? known : read);
        Note(state.ClosedUntil);
        Note(state.NextTurn);
        Note(state.VoidUntil);
    }

    private void Note(DateTimeOffset heldUntil)
    {
        var ticks = heldUntil.UtcTicks;
        for (var latest = Volatile.Read(ref _latestHold); ticks > latest; latest = Volatile.Read(ref _latestHold))
            Interlocked.CompareExchange(ref _latestHold, ticks, latest);
    }

    private static GateState Read(StoredDocument document) =>
        JsonSerializer.Deserialize<GateState>(document.Body.Span, MillraceJson.Options) ?? GateState.Open;

    private static byte[] Write(GateState state) => JsonSerializer.SerializeToUtf8Bytes(state, MillraceJson.Options);

    /// <param name="Version">Of the document.</param>
    /// <param name="SeenAt">When this one was first seen here, a time stamp.</param>
    private sealed record KnownGate(GateState State, long Version, long SeenAt);
}

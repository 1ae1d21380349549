using System.Collections.Concurrent;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Storage.Documents;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// The rate limits of steps, kept as documents so that managers share them and a restart forgets nothing. Slots are taken
/// many at a time by compare-and-set; a gate without a limit costs nothing unless a worker has closed it.
/// </summary>
internal sealed class RateGates(IDocumentStore documents, WorkflowManagerOptions options, TimeProvider clock)
{
    private const string Prefix = "gates/";
    private const int MaxGates = 10_000;

    private readonly ConcurrentDictionary<StepKey, GateState> _known = new();
    private long _latestClose;

    /// <summary>True while no worker's word holds anything back, and none has lately.</summary>
    public bool AllOpen => clock.GetUtcNow().UtcTicks >= Volatile.Read(ref _latestClose) + Ramp.Length.Ticks;

    private Ramp Ramp { get; } = new(options.RampStartPerSecond, TimeSpan.FromSeconds(options.RampSeconds));

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

    /// <summary>How a worker's word bears on the step now.</summary>
    public StepGate Look(StepKey step, DateTimeOffset now)
    {
        var closedUntil = Find(step).ClosedUntil;
        if (closedUntil > now)
            return new StepGate(IsPaused: false, closedUntil);
        return closedUntil > now - Ramp.Length ? new StepGate(IsPaused: false, Until: null, IsCrowded: true) : StepGate.Open;
    }

    /// <summary>Nothing queued for the step leaves before <paramref name="until"/>: here at once, elsewhere once it is saved.</summary>
    public Task CloseAsync(StepKey step, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var known = Find(step);
        if (known.ClosedUntil >= until)
            return Task.CompletedTask;
        Remember(step, known.Close(until));
        return ChangeAsync(step, state => state.Close(until), cancellationToken);
    }

    public GateState Find(StepKey step) => _known.GetValueOrDefault(step, GateState.Open);

    /// <summary>Takes over what other managers wrote.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var document in await documents.ListAsync(Prefix, MaxGates, cancellationToken))
        {
            var parts = document.Key[Prefix.Length..].Split('/', 2);
            if (parts.Length == 2)
                Remember(new StepKey(parts[0], parts[1]), Read(document));
        }
    }

    private async Task ChangeAsync(StepKey step, Func<GateState, GateState> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stored = await documents.GetAsync(Prefix + step, cancellationToken);
            var next = change(stored is null ? GateState.Open : Read(stored));
            var body = JsonSerializer.SerializeToUtf8Bytes(next, MillraceJson.Options);
            if (await documents.PutAsync(Prefix + step, body, stored?.Version ?? 0, cancellationToken) is not null)
            {
                Remember(step, next);
                return;
            }
        }
    }

    private void Remember(StepKey step, GateState state)
    {
        _known[step] = state;
        var ticks = state.ClosedUntil.UtcTicks;
        for (var latest = Volatile.Read(ref _latestClose); ticks > latest; latest = Volatile.Read(ref _latestClose))
            Interlocked.CompareExchange(ref _latestClose, ticks, latest);
    }

    private static GateState Read(StoredDocument document) =>
        JsonSerializer.Deserialize<GateState>(document.Body.Span, MillraceJson.Options) ?? GateState.Open;
}

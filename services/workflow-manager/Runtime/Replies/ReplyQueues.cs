using System.Text.Json;
using Millrace.Contracts;
using Millrace.Storage;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>
/// Which queue is whose. Of managers on one store each has workers reply to a queue of its own, so that a reply comes to the manager that has
/// its request in memory. It is kept in documents under leases, and every manager reads every queue: two that have the same one, and one whose lease has ended,
/// are slower and not wrong.
/// </summary>
internal sealed class ReplyQueues(IMillraceStore store, WorkflowManagerOptions options, StoreClock clock)
{
    private const string Prefix = "reply-queues/";

    private volatile IReadOnlyList<int> _known = [0];
    private volatile int _own;

    /// <summary>Where workers are to reply to what this manager dispatches.</summary>
    public string Own => Wire.ReplyQueueOf(_own);

    /// <summary>All that any manager has had.</summary>
    public IEnumerable<string> Known => _known.Select(Wire.ReplyQueueOf);

    /// <summary>Takes one that nobody has; any, if there is none.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        if (!store.IsShared)
            return;
        var now = clock.GetUtcNow();
        var taken = await ReadAsync(cancellationToken);
        var free = Enumerable.Range(0, Wire.MaxReplyQueues).Where(number => !taken.TryGetValue(number, out var queue) || IsFree(queue.Lease, now));
        // What it had under the same name before it was restarted comes first.
        foreach (var number in free.OrderBy(number => !taken.TryGetValue(number, out var queue) || queue.Lease.Owner != options.Name).ToList())
        {
            if (await TryPutAsync(number, now.AddSeconds(options.LeaseSeconds), taken.GetValueOrDefault(number).Version, cancellationToken))
            {
                Have(number, taken.Keys);
                return;
            }
        }
        Have(Random.Shared.Next(Wire.MaxReplyQueues), taken.Keys);
    }

    /// <summary>Takes over what others have taken, and keeps its own.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (!store.IsShared)
            return;
        var now = clock.GetUtcNow();
        var taken = await ReadAsync(cancellationToken);
        Have(_own, taken.Keys);
        if (taken.TryGetValue(_own, out var own) && own.Lease.Owner == options.Name && own.Lease.Until < now.AddSeconds(options.LeaseSeconds * 0.7))
            await TryPutAsync(_own, now.AddSeconds(options.LeaseSeconds), own.Version, cancellationToken);
    }

    /// <summary>The next manager to start may have it at once.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (!store.IsShared)
            return;
        if ((await ReadAsync(cancellationToken)).TryGetValue(_own, out var own) && own.Lease.Owner == options.Name)
            await TryPutAsync(_own, clock.GetUtcNow(), own.Version, cancellationToken);
    }

    private void Have(int own, IEnumerable<int> taken) => (_own, _known) = (own, [.. taken.Append(own).Append(0).Distinct().Order()]);

    private bool IsFree(Lease lease, DateTimeOffset now) => lease.Until <= now || lease.Owner == options.Name;

    private async Task<Dictionary<int, (Lease Lease, long Version)>> ReadAsync(CancellationToken cancellationToken)
    {
        var taken = new Dictionary<int, (Lease, long)>();
        foreach (var document in await store.Documents.ListAsync(Prefix, Wire.MaxReplyQueues, cancellationToken))
        {
            if (int.TryParse(document.Key.AsSpan(Prefix.Length), out var number) && number is >= 0 and < Wire.MaxReplyQueues
                && JsonSerializer.Deserialize<Lease>(document.Body.Span, MillraceJson.Options) is { } lease)
                taken[number] = (lease, document.Version);
        }
        return taken;
    }

    private async Task<bool> TryPutAsync(int number, DateTimeOffset until, long version, CancellationToken cancellationToken) =>
        await store.Documents.PutAsync(
            Prefix + number, JsonSerializer.SerializeToUtf8Bytes(new Lease(options.Name, until), MillraceJson.Options), version, cancellationToken) is not null;

    private sealed record Lease(string Owner, DateTimeOffset Until);
}

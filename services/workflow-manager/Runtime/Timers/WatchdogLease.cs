using System.Text.Json;
using Millrace.Contracts;
using Millrace.Storage.Documents;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>Which manager walks as the watchdog, so that what is stuck is counted and told once. When it ends another follows within a few rounds.</summary>
internal sealed class WatchdogLease(IDocumentStore documents, WorkflowManagerOptions options, StoreClock clock)
{
    private const string Key = "watchdog";
    private const int Rounds = 3;

    /// <summary>Takes or keeps it.</summary>
    /// <returns>False if another manager has it.</returns>
    public async Task<bool> TakeAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var stored = await documents.GetAsync(Key, cancellationToken);
        if (stored is not null && JsonSerializer.Deserialize<Lease>(stored.Body.Span, MillraceJson.Options) is { } held
            && held.Owner != options.Name && held.Until > now)
            return false;
        var lease = new Lease(options.Name, now.AddSeconds(Rounds * (double)options.WatchdogIntervalSeconds));
        return await documents.PutAsync(Key, JsonSerializer.SerializeToUtf8Bytes(lease, MillraceJson.Options), stored?.Version ?? 0, cancellationToken) is not null;
    }

    private sealed record Lease(string Owner, DateTimeOffset Until);
}

using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Follows in the store how many requests of the benchmark have come to a status since the count was begun.</summary>
internal sealed class StatusCount
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly IMillraceStore _store;
    private readonly string _workflow;
    private readonly string _status;
    private long _before;

    private StatusCount(IMillraceStore store, string workflow, string status) => (_store, _workflow, _status) = (store, workflow, status);

    public static async Task<StatusCount> BeginAsync(IMillraceStore store, string workflow, string status, CancellationToken cancellationToken)
    {
        var count = new StatusCount(store, workflow, status);
        count._before = await count.ReadAsync(cancellationToken);
        return count;
    }

    /// <summary>Until so many have, or nothing has moved for long.</summary>
    /// <returns>How many have.</returns>
    public async Task<long> WaitAsync(int wanted, TimeSpan longestSilence, Action<long>? progress, CancellationToken cancellationToken)
    {
        var (count, moved) = (0L, Stopwatch.GetTimestamp());
        while (count < wanted && Stopwatch.GetElapsedTime(moved) < longestSilence)
        {
            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
            var now = await ReadAsync(cancellationToken) - _before;
            if (now == count)
                continue;
            (count, moved) = (now, Stopwatch.GetTimestamp());
            progress?.Invoke(count);
        }
        return count;
    }

    private async Task<long> ReadAsync(CancellationToken cancellationToken) =>
        (await _store.Requests.CountAsync(cancellationToken))
            .Where(count => count.Step.Length == 0 && count.Status == _status && count.Workflow == _workflow).Sum(count => count.Count);
}

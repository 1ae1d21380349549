using Microsoft.Extensions.Logging;
using Millrace.Storage.Documents;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// Writes outputs into the result cache, beside the road of the requests: one write at a time, and what comes meanwhile goes with the
/// next. A cache that is not written costs work, never a request; so what finds no room is dropped, and counted.
/// </summary>
internal sealed partial class ResultKeeper(IResultCache results, RuntimeMeter meter, ILogger<ResultKeeper> logger)
{
    public const int MaxBodyBytes = DocumentLimits.MaxBodyBytes;

    public const int MaxWaiting = 20_000;

    private const int WriteItems = 1_000;
    private const long MaxWaitingBytes = 64 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, CachedResult> _waiting = [];
    private long _bytes;
    private bool _isWriting;

    /// <summary>Ends when all that was given so far is written or given up.</summary>
    public Task Writing { get; private set; } = Task.CompletedTask;

    public void Keep(IReadOnlyList<CachedResult> fresh)
    {
        lock (_lock)
        {
            foreach (var result in fresh)
                Add(result);
            if (_waiting.Count == 0 || _isWriting)
                return;
            _isWriting = true;
            Writing = Task.Run(WriteAsync);
        }
    }

    private void Add(CachedResult result)
    {
        if (result.Body.Length > MaxBodyBytes)
        {
            meter.NotCached("too_large", 1);
            return;
        }
        // Of equal inputs the last output is as good as any.
        if (_waiting.Remove(result.Key, out var older))
            _bytes -= older.Body.Length;
        if (_waiting.Count == MaxWaiting || _bytes + result.Body.Length > MaxWaitingBytes)
        {
            meter.NotCached("full", 1);
            return;
        }
        _waiting[result.Key] = result;
        _bytes += result.Body.Length;
    }

    private async Task WriteAsync()
    {
        while (Take() is { Count: > 0 } taken)
        {
            try
            {
                await results.PutAsync(taken, CancellationToken.None);
            }
            catch (Exception failure)
            {
                // Whatever a store throws, the next ones may fare better.
                meter.NotCached("store", taken.Count);
                LogNotKept(logger, taken.Count, failure);
            }
        }
    }

    /// <returns>Empty once all is written; whatever comes then is written anew.</returns>
    private List<CachedResult> Take()
    {
        lock (_lock)
        {
            var taken = _waiting.Values.Take(WriteItems).ToList();
            _isWriting = taken.Count > 0;
            foreach (var result in taken)
            {
                _waiting.Remove(result.Key);
                _bytes -= result.Body.Length;
            }
            return taken;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} outputs were not kept in the result cache")]
    private static partial void LogNotKept(ILogger logger, int count, Exception failure);
}

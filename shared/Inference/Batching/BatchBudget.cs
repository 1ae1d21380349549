namespace Millrace.Inference.Batching;

/// <summary>The limits that batches are planned by. They shrink when a device runs out of memory, and stay so until the process restarts.</summary>
internal sealed class BatchBudget(BatchLimits limits)
{
    private const int MinTokens = 64;
    private int _maxTokens = limits.MaxTokens;

    public BatchLimits Current => limits with { MaxTokens = Volatile.Read(ref _maxTokens) };

    /// <param name="failedTokens">Padded tokens of the batch that did not fit.</param>
    /// <returns>The new budget.</returns>
    public int Shrink(int failedTokens)
    {
        var smaller = Math.Max(MinTokens, failedTokens / 2);
        int current;
        while ((current = Volatile.Read(ref _maxTokens)) > smaller
            && Interlocked.CompareExchange(ref _maxTokens, smaller, current) != current)
        {
        }
        return Volatile.Read(ref _maxTokens);
    }
}

namespace Millrace.Inference.Batching;

/// <summary>The queue before the device is full. Nothing was queued; try again after <see cref="RetryAfter"/>.</summary>
public sealed class OverloadedException(int waiting, TimeSpan retryAfter)
    : Exception($"{waiting} texts are waiting for the device, which is the limit; try again in {retryAfter.TotalSeconds:0.#} s.")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

namespace Millrace.Inference.Batching;

/// <summary>One text on its way through the engine, and the caller that waits for it.</summary>
internal sealed class PendingText(int[] ids, long enqueued, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<InferenceResult> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int[] Ids { get; } = ids;

    /// <summary>An empty text still takes one position.</summary>
    public int Tokens { get; } = Math.Max(1, ids.Length);

    public long Enqueued { get; } = enqueued;

    public Task<InferenceResult> Reply => _reply.Task;

    /// <summary>True if nobody waits any more; the caller then sees its cancellation.</summary>
    public bool IsDropped => cancellationToken.IsCancellationRequested && (_reply.TrySetCanceled(cancellationToken) || true);

    public void Complete(InferenceResult result) => _reply.TrySetResult(result);

    public void Fail(Exception error) => _reply.TrySetException(error);
}

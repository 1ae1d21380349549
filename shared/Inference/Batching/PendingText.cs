namespace Millrace.Inference.Batching;

/// <summary>One text on its way through the engine, and the caller that waits for it.</summary>
internal sealed class PendingText
{
    private readonly TaskCompletionSource<InferenceResult> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _cancellation;

    public PendingText(int[] ids, long enqueued, CancellationToken cancellationToken)
    {
        (Ids, Enqueued) = (ids, enqueued);
        _cancellation = cancellationToken.UnsafeRegister((state, token) => ((PendingText)state!)._reply.TrySetCanceled(token), this);
    }

    public int[] Ids { get; }

    /// <summary>An empty text still takes one position.</summary>
    public int Tokens => Math.Max(1, Ids.Length);

    public long Enqueued { get; }

    public Task<InferenceResult> Reply => _reply.Task;

    /// <summary>True if nobody waits any more.</summary>
    public bool IsDropped => _reply.Task.IsCompleted;

    public void Complete(InferenceResult result)
    {
        _cancellation.Unregister();
        _reply.TrySetResult(result);
    }

    public void Fail(Exception error)
    {
        _cancellation.Unregister();
        _reply.TrySetException(error);
    }
}

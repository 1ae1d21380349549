namespace Millrace.Contracts;

/// <summary>What a worker says of one input.</summary>
/// <typeparam name="TOut">Serialised to the JSON object that the next steps receive.</typeparam>
public abstract record StepResult<TOut>
{
    private StepResult()
    {
    }

    /// <summary>The step is done.</summary>
    public sealed record Completed(TOut Output) : StepResult<TOut>;

    /// <summary>The step failed; whether it is tried again is <see cref="StepError.Transient"/> and the workflow's retry rule.</summary>
    public sealed record Failed(StepError Error) : StepResult<TOut>;

    /// <summary>An upstream said to wait: everything queued for the step is held back for <paramref name="RetryAfter"/>.</summary>
    /// <param name="Reason">Why, for whoever asks why a request does not go on: a short code, a colon and a sentence. Null: not told.</param>
    public sealed record Throttled(TimeSpan RetryAfter, string? Reason = null) : StepResult<TOut>;

    public static implicit operator StepResult<TOut>(TOut output) => new Completed(output);

    public static StepResult<TOut> Reject(string type, string message) => new Failed(new StepError(type, message));
}

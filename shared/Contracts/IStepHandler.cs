namespace Millrace.Contracts;

/// <summary>A worker in C#: one class that knows nothing of queues.</summary>
/// <typeparam name="TIn">Read from the step's input, a JSON object.</typeparam>
/// <typeparam name="TOut">Written as the step's output, a JSON object.</typeparam>
public interface IStepHandler<TIn, TOut>
{
    /// <summary>Handles what arrived together.</summary>
    /// <param name="inputs">At least one input; as many as the message held, at most the worker's batch limit.</param>
    /// <param name="cancellationToken">Cancelled when the deadline of every input has passed or the worker stops.</param>
    /// <returns>One result an input, in the same order.</returns>
    /// <exception cref="Exception">Any exception is a transient failure of all the inputs: the retry rule decides.</exception>
    Task<IReadOnlyList<StepResult<TOut>>> HandleAsync(IReadOnlyList<TIn> inputs, CancellationToken cancellationToken);
}

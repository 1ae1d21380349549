namespace Millrace.Inference.Batching;

/// <summary>The model's raw output for one text.</summary>
/// <param name="Values">Row-major: positions x columns; a view of the batch's output that stays valid.</param>
/// <param name="Positions">Token positions, padding included; 1 if the model pooled them itself.</param>
/// <param name="QueueMs">From submission until its batch began to run.</param>
/// <param name="InferenceMs">The run of its whole batch.</param>
public sealed record InferenceResult(ReadOnlyMemory<float> Values, int Positions, double QueueMs, double InferenceMs);

namespace Millrace.Inference.Batching;

/// <summary>The model gave NaN or infinity for this text alone; the others of its batch are not touched. Trying again gives the same.</summary>
public sealed class NonFiniteOutputException() : Exception("The model's output for this text is not a number.");

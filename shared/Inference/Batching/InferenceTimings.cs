namespace Millrace.Inference.Batching;

/// <summary>Where the time of one text went, in milliseconds.</summary>
/// <param name="QueueMs">From the end of tokenising until its batch began to run.</param>
/// <param name="TokenizeMs">Text to ids.</param>
/// <param name="InferenceMs">The run of its whole batch on the device.</param>
public sealed record InferenceTimings(double QueueMs, double TokenizeMs, double InferenceMs);

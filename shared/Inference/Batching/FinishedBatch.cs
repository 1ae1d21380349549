using Millrace.Inference.Sessions;

namespace Millrace.Inference.Batching;

/// <summary>What a device gave for a batch, before its rows are handed out.</summary>
/// <param name="Started">Timestamp at which the device began.</param>
/// <param name="Ended">Timestamp at which it was done.</param>
/// <param name="Output">Null if the batch failed.</param>
internal sealed record FinishedBatch(
    IReadOnlyList<PendingText> Texts, long Started, long Ended, ModelOutput? Output, Exception? Error);

using System.Numerics.Tensors;

namespace Millrace.Inference.Batching;

/// <summary>Hands each text its row, or its error.</summary>
internal static class BatchReplies
{
    public static void Send(FinishedBatch batch, TimeProvider time)
    {
        var inferenceMs = time.GetElapsedTime(batch.Started, batch.Ended).TotalMilliseconds;
        for (var row = 0; row < batch.Texts.Count; row++)
        {
            var text = batch.Texts[row];
            if (batch.Output is not { } output)
                text.Fail(batch.Error!);
            else if (!float.IsFinite(TensorPrimitives.MaxMagnitude(Real(output, row, text).Span)))
                text.Fail(new NonFiniteOutputException());
            else
                text.Complete(new InferenceResult(
                    output.Row(row), output.Positions, time.GetElapsedTime(text.Enqueued, batch.Started).TotalMilliseconds, inferenceMs));
        }
    }

    /// <summary>What a model gives at padding positions has no meaning and is not judged.</summary>
    private static ReadOnlyMemory<float> Real(Sessions.ModelOutput output, int row, PendingText text) =>
        output.Row(row)[..(Math.Min(output.Positions, text.Tokens) * output.Columns)];
}

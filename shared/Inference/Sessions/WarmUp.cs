using Millrace.Inference.Batching;

namespace Millrace.Inference.Sessions;

/// <summary>Runs a model over the shapes that batches will have, so that no caller pays for the first run of each.</summary>
internal static class WarmUp
{
    private const int SmallestWidth = 16;
    private const int CpuWidths = 2;

    public static void Run(IModelSession session, BatchLimits limits, int maxTokens, int paddingId)
    {
        foreach (var (rows, width) in Shapes(limits, maxTokens, session.Device == "cpu"))
            session.Run(Batch(rows, width, paddingId));
    }

    /// <summary>What a full batch takes on a session that is warm: the last shape once more.</summary>
    public static TimeSpan TimeFullBatch(IModelSession session, BatchLimits limits, int maxTokens, int paddingId, TimeProvider time)
    {
        var (rows, width) = Shapes(limits, maxTokens, session.Device == "cpu").Last();
        var batch = Batch(rows, width, paddingId);
        var started = time.GetTimestamp();
        session.Run(batch);
        return time.GetElapsedTime(started);
    }

    private static int[][] Batch(int rows, int width, int paddingId) =>
        [.. Enumerable.Repeat(Enumerable.Repeat(paddingId, width).ToArray(), rows)];

    /// <summary>Widths double up to the longest text, each alone and as a full batch. A CPU session compiles nothing by shape: two widths do.</summary>
    internal static IEnumerable<(int Rows, int Width)> Shapes(BatchLimits limits, int maxTokens, bool cpu)
    {
        var widths = new List<int>();
        for (var width = Math.Min(SmallestWidth, maxTokens); width < maxTokens; width *= 2)
            widths.Add(width);
        widths.Add(maxTokens);
        foreach (var width in cpu ? widths.Take(CpuWidths) : widths)
        {
            yield return (1, width);
            var rows = Math.Clamp(limits.MaxTokens / width, 1, limits.MaxItems);
            if (rows > 1)
                yield return (rows, width);
        }
    }
}

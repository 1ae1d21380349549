using Millrace.Contracts;
using Millrace.Inference.Batching;

namespace Millrace.Inference.Sessions;

/// <summary>Runs a model over the shapes that batches will have, so that no caller pays for the first run of each.</summary>
internal static class WarmUp
{
    private const int SmallestWidth = 16;
    private const int CpuWidths = 2;

    /// <summary>A full batch that the device has no memory for shrinks the budget until it fits.</summary>
    /// <exception cref="ConfigurationException">Not even one short text fits.</exception>
    public static void Run(IModelSession session, BatchBudget budget, int maxTokens, int paddingId)
    {
        foreach (var width in Widths(maxTokens, session.Device == "cpu"))
        {
            if (!Fits(session, 1, width, paddingId))
            {
                if (width <= SmallestWidth)
                    throw new ConfigurationException(
                        $"{session.Device} has no memory for the model and one text of {width} tokens: free memory there, or choose a smaller model or precision.");
                // A text of this length will fail alone when one comes; shorter ones are served.
                budget.Shrink(width);
                return;
            }
            for (var rows = Rows(budget.Current, width); rows > 1 && !Fits(session, rows, width, paddingId); rows /= 2)
                budget.Shrink(rows * width);
        }
    }

    /// <summary>What a full batch takes on a session that is warm: the last shape once more.</summary>
    public static TimeSpan TimeFullBatch(IModelSession session, BatchLimits limits, int maxTokens, int paddingId, TimeProvider time)
    {
        var width = Widths(maxTokens, session.Device == "cpu").Last();
        var batch = Batch(Rows(limits, width), width, paddingId);
        var started = time.GetTimestamp();
        session.Run(batch);
        return time.GetElapsedTime(started);
    }

    /// <summary>Widths double up to the longest text. A CPU session compiles nothing by shape: two widths do.</summary>
    internal static IEnumerable<int> Widths(int maxTokens, bool cpu)
    {
        var widths = new List<int>();
        for (var width = Math.Min(SmallestWidth, maxTokens); width < maxTokens; width *= 2)
            widths.Add(width);
        widths.Add(maxTokens);
        return cpu ? widths.Take(CpuWidths) : widths;
    }

    /// <summary>Texts of a full batch.</summary>
    private static int Rows(BatchLimits limits, int width) => Math.Clamp(limits.MaxTokens / width, 1, limits.MaxItems);

    private static bool Fits(IModelSession session, int rows, int width, int paddingId)
    {
        try
        {
            session.Run(Batch(rows, width, paddingId));
            return true;
        }
        catch (DeviceMemoryException)
        {
            return false;
        }
    }

    private static int[][] Batch(int rows, int width, int paddingId) =>
        [.. Enumerable.Repeat(Enumerable.Repeat(paddingId, width).ToArray(), rows)];
}

namespace Millrace.Inference.Batching;

/// <summary>
/// Says which of the waiting items go to the device together: always the oldest, with its nearest neighbours by length. So padding is
/// little, and no item waits for more batches than there were items before it.
/// </summary>
public static class BatchPlanner
{
    /// <param name="lengths">Tokens of each waiting item, in order of arrival; not empty.</param>
    /// <param name="limits">The limits of one batch.</param>
    /// <returns>Positions in <paramref name="lengths"/>, shortest item first; never empty, always with position 0.</returns>
    public static int[] Next(ReadOnlySpan<int> lengths, BatchLimits limits)
    {
        var order = ByLength(lengths, out var sorted);
        var window = new Window(sorted, Array.IndexOf(order, 0), limits);
        while (window.TryGrow())
        {
        }
        return order[window.Start..window.End];
    }

    private static int[] ByLength(ReadOnlySpan<int> lengths, out int[] sorted)
    {
        sorted = lengths.ToArray();
        var order = new int[lengths.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(sorted, order);
        return order;
    }

    /// <summary>A run of neighbours in the order of length, grown on the side that costs less padding.</summary>
    private struct Window(int[] sorted, int anchor, BatchLimits limits)
    {
        private long _tokens = sorted[anchor];

        public int Start { get; private set; } = anchor;

        public int End { get; private set; } = anchor + 1;

        public bool TryGrow()
        {
            if (End - Start >= limits.MaxItems)
                return false;
            var shorter = Start > 0 ? Padding(sorted[Start - 1], sorted[End - 1]) : long.MaxValue;
            var longer = End < sorted.Length ? Padding(sorted[End], sorted[End]) : long.MaxValue;
            return shorter <= longer
                ? TryTakeShorter(shorter) || TryTakeLonger(longer)
                : TryTakeLonger(longer) || TryTakeShorter(shorter);
        }

        private bool TryTakeShorter(long padding)
        {
            if (padding == long.MaxValue || !Fits(padding, sorted[End - 1]))
                return false;
            _tokens += sorted[--Start];
            return true;
        }

        private bool TryTakeLonger(long padding)
        {
            if (padding == long.MaxValue || !Fits(padding, sorted[End]))
                return false;
            _tokens += sorted[End++];
            return true;
        }

        /// <summary>Padding tokens of the window with one more item.</summary>
        private readonly long Padding(int added, int longest) => ((long)longest * (End - Start + 1)) - _tokens - added;

        private readonly bool Fits(long padding, int longest)
        {
            var padded = (long)longest * (End - Start + 1);
            return padded <= limits.MaxTokens && padding <= limits.MaxPaddingShare * padded;
        }
    }
}

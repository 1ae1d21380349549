namespace Millrace.Inference.Tokenizers.BytePair;

/// <summary>Merges the symbols of one word: always the pair of lowest rank, of equals the leftmost.</summary>
internal static class BytePairWord
{
    private const int MaxScannedSymbols = 48;

    /// <returns>How many symbols are left, at the start of <paramref name="symbols"/>.</returns>
    public static int Merge(Span<int> symbols, BytePairMerges merges) =>
        symbols.Length <= MaxScannedSymbols ? MergeByScan(symbols, merges) : MergeByQueue(symbols, merges);

    private static int MergeByScan(Span<int> symbols, BytePairMerges merges)
    {
        Span<int> ranks = stackalloc int[MaxScannedSymbols];
        var count = symbols.Length;
        for (var i = 0; i + 1 < count; i++)
            ranks[i] = merges.Of(symbols[i], symbols[i + 1]).Rank;
        while (count > 1)
        {
            var best = LowestRank(ranks[..(count - 1)]);
            if (ranks[best] == int.MaxValue)
                break;
            symbols[best] = merges.Of(symbols[best], symbols[best + 1]).Id;
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            ranks[(best + 1)..(count - 1)].CopyTo(ranks[best..]);
            count--;
            if (best > 0)
                ranks[best - 1] = merges.Of(symbols[best - 1], symbols[best]).Rank;
            if (best + 1 < count)
                ranks[best] = merges.Of(symbols[best], symbols[best + 1]).Rank;
        }
        return count;
    }

    private static int LowestRank(ReadOnlySpan<int> ranks)
    {
        var best = 0;
        for (var i = 1; i < ranks.Length; i++)
        {
            if (ranks[i] < ranks[best])
                best = i;
        }
        return best;
    }

    /// <summary>For long words, so that one word of a million letters takes n log n steps and not n squared.</summary>
    private static int MergeByQueue(Span<int> symbols, BytePairMerges merges)
    {
        var links = new Links(symbols.Length);
        var queue = new PriorityQueue<(int Left, int LeftId, int RightId), (int Rank, int At)>();
        for (var i = 0; i + 1 < symbols.Length; i++)
            Offer(queue, symbols, merges, i, i + 1);
        while (queue.TryDequeue(out var pair, out _))
        {
            var right = links.Next[pair.Left];
            if (right >= symbols.Length || symbols[pair.Left] != pair.LeftId || symbols[right] != pair.RightId)
                continue;
            symbols[pair.Left] = merges.Of(pair.LeftId, pair.RightId).Id;
            symbols[right] = -1;
            links.Remove(right);
            if (links.Previous[pair.Left] is var before and >= 0)
                Offer(queue, symbols, merges, before, pair.Left);
            if (links.Next[pair.Left] is var after && after < symbols.Length)
                Offer(queue, symbols, merges, pair.Left, after);
        }
        return Gather(symbols);
    }

    private static void Offer(
        PriorityQueue<(int, int, int), (int, int)> queue, ReadOnlySpan<int> symbols, BytePairMerges merges, int left, int right)
    {
        var rank = merges.Of(symbols[left], symbols[right]).Rank;
        if (rank != int.MaxValue)
            queue.Enqueue((left, symbols[left], symbols[right]), (rank, left));
    }

    private static int Gather(Span<int> symbols)
    {
        var count = 0;
        foreach (var symbol in symbols)
        {
            if (symbol >= 0)
                symbols[count++] = symbol;
        }
        return count;
    }

    private sealed class Links
    {
        public Links(int count)
        {
            Next = new int[count];
            Previous = new int[count];
            for (var i = 0; i < count; i++)
                (Next[i], Previous[i]) = (i + 1, i - 1);
        }

        public int[] Next { get; }

        public int[] Previous { get; }

        public void Remove(int index)
        {
            Next[Previous[index]] = Next[index];
            if (Next[index] < Next.Length)
                Previous[Next[index]] = Previous[index];
        }
    }
}

namespace Millrace.Inference.Tokenizers.Unigram;

/// <summary>Finds the likeliest split of a word (Viterbi); of equals the one found first from the left.</summary>
/// <remarks>Source: Kudo 2018, "Subword Regularization".</remarks>
internal static class UnigramLattice
{
    private const int StackSymbols = 64;

    public static void Split(ReadOnlySpan<char> word, UnigramVocabulary vocabulary, List<int> ids)
    {
        var ends = word.Length < StackSymbols ? stackalloc Node[StackSymbols] : new Node[word.Length + 1];
        ends = ends[..(word.Length + 1)];
        ends.Fill(Node.Unreached);
        ends[0] = new Node(0, -1, 0);
        for (var start = 0; start < word.Length;)
        {
            var width = char.IsHighSurrogate(word[start]) && start + 1 < word.Length && char.IsLowSurrogate(word[start + 1]) ? 2 : 1;
            Extend(word[start..], start, width, ends, vocabulary);
            start += width;
        }
        Collect(word, ends, vocabulary, ids);
    }

    private static void Extend(ReadOnlySpan<char> rest, int start, int width, Span<Node> ends, UnigramVocabulary vocabulary)
    {
        var here = ends[start].Score;
        var single = false;
        for (var length = 1; length <= Math.Min(rest.Length, vocabulary.Longest); length++)
        {
            if (!vocabulary.TryGet(rest[..length], out var piece))
                continue;
            Offer(ref ends[start + length], here + piece.Score, piece.Id, start);
            single |= length == width;
        }
        if (!single)
            Offer(ref ends[start + width], here + vocabulary.UnknownScore, vocabulary.UnknownId, start);
    }

    private static void Offer(ref Node end, double score, int id, int start)
    {
        if (end.Start < 0 || score > end.Score)
            end = new Node(score, id, start);
    }

    /// <summary>Walks back from the end; unknown neighbours become one unknown token.</summary>
    private static void Collect(ReadOnlySpan<char> word, ReadOnlySpan<Node> ends, UnigramVocabulary vocabulary, List<int> ids)
    {
        var from = ids.Count;
        for (var end = word.Length; end > 0;)
        {
            var node = ends[end];
            var start = node.Start;
            while (node.Id == vocabulary.UnknownId && start > 0 && ends[start].Id == vocabulary.UnknownId)
                start = ends[start].Start;
            ids.Add(node.Id == vocabulary.UnknownId && vocabulary.TryGet(word[start..end], out var whole) ? whole.Id : node.Id);
            end = start;
        }
        ids.Reverse(from, ids.Count - from);
    }

    private readonly record struct Node(double Score, int Id, int Start)
    {
        public static Node Unreached { get; } = new(double.NegativeInfinity, -1, -1);
    }
}

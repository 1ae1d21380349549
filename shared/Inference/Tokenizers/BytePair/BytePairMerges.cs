namespace Millrace.Inference.Tokenizers.BytePair;

/// <summary>Which two neighbours become one, and which pair goes first.</summary>
internal sealed class BytePairMerges
{
    private readonly Dictionary<ulong, Merge> _merges;

    public BytePairMerges(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<(string Left, string Right)> merges)
    {
        _merges = new Dictionary<ulong, Merge>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            if (!vocabulary.TryGetValue(left, out var leftId) || !vocabulary.TryGetValue(right, out var rightId)
                || !vocabulary.TryGetValue(left + right, out var id))
                throw new InvalidDataException($"merge {rank + 1} ('{left}' + '{right}') names a token that the vocabulary lacks");
            _merges[Key(leftId, rightId)] = new Merge(rank, id);
        }
    }

    /// <summary>The rank is <see cref="int.MaxValue"/> if the two never merge.</summary>
    public Merge Of(int left, int right) => _merges.TryGetValue(Key(left, right), out var merge) ? merge : Merge.None;

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    internal readonly record struct Merge(int Rank, int Id)
    {
        public static Merge None { get; } = new(int.MaxValue, -1);
    }
}

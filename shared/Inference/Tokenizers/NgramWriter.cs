namespace Millrace.Inference.Tokenizers;

/// <summary>Turns units into ids, in the order that the Python side keeps, until the room is full.</summary>
internal ref struct NgramWriter(HashedNgramOptions options, Span<int> ids)
{
    private static readonly uint Capitals = NgramHash.Of("<caps>");

    private readonly Span<int> _ids = ids;
    private readonly int _wordsMin = options.Words.Min;
    private readonly int _wordsMax = options.Words.Max;
    private readonly int _wordBuckets = options.Words.Buckets;
    private readonly int _charsMin = options.Chars.Min;
    private readonly int _charsMax = options.Chars.Max;
    private readonly int _charBuckets = options.Chars.Buckets;
    private uint _previous;
    private uint _second;
    private uint _third;
    private int _seen;

    public int Count { get; private set; }

    /// <summary>Whether an id found no room.</summary>
    public bool IsTruncated { get; private set; }

    public void Unit(uint hash)
    {
        uint state = hash;
        for (int n = 1; n <= _wordsMax && n <= _seen + 1; n++)
        {
            state = n switch
            {
                1 => hash,
                2 => NgramHash.Join(_previous, state),
                3 => NgramHash.Join(_second, state),
                _ => NgramHash.Join(_third, state),
            };
            if (n >= _wordsMin)
                Word(state);
        }

        if (options.Words.Skips && _seen >= 2)
            Word(NgramHash.Join(_second ^ NgramHash.SkipSeed, hash));
        (_third, _second, _previous) = (_second, _previous, hash);
        _seen++;
    }

    public void InCapitals() => Word(Capitals);

    /// <param name="bounded">The word between its boundary marks.</param>
    public void Chars(scoped ReadOnlySpan<int> bounded)
    {
        for (int start = 0; start < bounded.Length && !IsTruncated; start++)
        {
            uint state = NgramHash.CharsBasis;
            int longest = Math.Min(_charsMax, bounded.Length - start);
            for (int length = 1; length <= longest; length++)
            {
                state = NgramHash.Extend(state, bounded[start + length - 1]);
                if (length >= _charsMin)
                    Add(1 + _wordBuckets + NgramHash.Bucket(state, _charBuckets));
            }
        }
    }

    private void Word(uint hash) => Add(1 + NgramHash.Bucket(hash, _wordBuckets));

    private void Add(int id)
    {
        if (Count < _ids.Length)
            _ids[Count++] = id;
        else
            IsTruncated = true;
    }
}

namespace Millrace.Inference.Tokenizers.Unigram;

/// <summary>Pieces with their log probabilities.</summary>
internal sealed class UnigramVocabulary
{
    /// <summary>An unknown code point costs this much more than the rarest piece, as in SentencePiece.</summary>
    private const double UnknownPenalty = 10;

    private readonly Dictionary<string, Piece>.AlternateLookup<ReadOnlySpan<char>> _pieces;

    public UnigramVocabulary(IReadOnlyList<(string Spelling, double Score)> pieces, int unknownId)
    {
        var all = new Dictionary<string, Piece>(pieces.Count);
        for (var id = 0; id < pieces.Count; id++)
            all[pieces[id].Spelling] = new Piece(id, pieces[id].Score);
        _pieces = all.GetAlternateLookup<ReadOnlySpan<char>>();
        UnknownId = unknownId;
        UnknownScore = pieces.Min(piece => piece.Score) - UnknownPenalty;
        Longest = pieces.Max(piece => piece.Spelling.Length);
    }

    public int UnknownId { get; }

    public double UnknownScore { get; }

    /// <summary>UTF-16 units of the longest piece.</summary>
    public int Longest { get; }

    public bool TryGet(ReadOnlySpan<char> spelling, out Piece piece) => _pieces.TryGetValue(spelling, out piece);

    internal readonly record struct Piece(int Id, double Score);
}

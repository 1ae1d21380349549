using System.Collections.Frozen;

namespace Millrace.Inference.Tokenizers.WordPiece;

/// <summary>Ids by spelling: of pieces that begin a word and, without their prefix, of pieces that go on in one.</summary>
internal sealed class WordPieceVocabulary
{
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _starts;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;
    private readonly int _longest;

    public WordPieceVocabulary(IReadOnlyDictionary<string, int> ids, int unknownId, string continuationPrefix = "##", int maxWordRunes = 100)
    {
        UnknownId = unknownId;
        MaxWordRunes = maxWordRunes;
        _starts = ids.ToFrozenDictionary().GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = ids.Where(pair => pair.Key.StartsWith(continuationPrefix, StringComparison.Ordinal))
            .ToFrozenDictionary(pair => pair.Key[continuationPrefix.Length..], pair => pair.Value)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = ids.Keys.Max(key => key.Length);
    }

    public int UnknownId { get; }

    /// <summary>A longer word is unknown as a whole.</summary>
    public int MaxWordRunes { get; }

    /// <summary>The longest piece first, from the left; a word with a part that has no piece is unknown as a whole.</summary>
    public void Split(ReadOnlySpan<char> word, List<int> ids)
    {
        var pieces = _starts;
        for (var rest = word; !rest.IsEmpty;)
        {
            var length = Math.Min(rest.Length, _longest);
            var id = 0;
            while (length > 0 && !pieces.TryGetValue(rest[..length], out id))
                length--;
            if (length == 0)
            {
                ids.Clear();
                ids.Add(UnknownId);
                return;
            }
            ids.Add(id);
            rest = rest[length..];
            pieces = _continuations;
        }
    }
}

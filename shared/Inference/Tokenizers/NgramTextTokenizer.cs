using System.Buffers;

namespace Millrace.Inference.Tokenizers;

/// <summary>The hashed n-gram featuriser as a tokenizer like any other. It keeps the head of a long text, whatever the limit asks for.</summary>
internal sealed class NgramTextTokenizer(HashedNgramTokenizer ngrams) : ITextTokenizer
{
    public int PaddingId => HashedNgramTokenizer.PaddingId;

    public int VocabularySize => ngrams.Options.VocabularySize;

    public int SpecialTokens => 0;

    public TokenizedText Encode(ReadOnlySpan<char> text, TokenLimit limit)
    {
        var room = Math.Min(limit.MaxTokens, ngrams.Options.MaxFeatures);
        var ids = ArrayPool<int>.Shared.Rent(room);
        try
        {
            var count = ngrams.Encode(text, ids.AsSpan(0, room), out var truncated);
            return new TokenizedText(ids.AsSpan(0, count).ToArray(), truncated);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(ids);
        }
    }

    /// <summary>As <see cref="HashedNgramTokenizer.EncodeParts"/>.</summary>
    public IReadOnlyList<int[]> EncodeParts(ReadOnlySpan<char> text, TokenLimit limit, int maxParts, out bool truncated) =>
        ngrams.EncodeParts(text, limit.MaxTokens, maxParts, out truncated);

    public TokenizedText Wrap(ReadOnlySpan<int> ids, TokenLimit limit)
    {
        foreach (var id in ids)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)VocabularySize, nameof(ids));
        var kept = ids[..Math.Min(ids.Length, Math.Min(limit.MaxTokens, ngrams.Options.MaxFeatures))];
        return new TokenizedText(kept.ToArray(), kept.Length < ids.Length);
    }
}

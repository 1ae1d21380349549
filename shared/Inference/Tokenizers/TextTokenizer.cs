using System.Runtime.InteropServices;
using Microsoft.Extensions.ObjectPool;

namespace Millrace.Inference.Tokenizers;

/// <summary>The frame that all subword tokenizers share: added tokens out of the text, the pieces between to the encoder, a template around.</summary>
internal sealed class TextTokenizer(IPieceEncoder encoder, AddedTokens added, SequenceTemplate template, int paddingId, int vocabularySize)
    : ITextTokenizer
{
    private readonly ObjectPool<EncoderScratch> _scratch =
        new DefaultObjectPool<EncoderScratch>(new EncoderScratch.Policy(), Environment.ProcessorCount * 2);

    public int PaddingId => paddingId;

    public int VocabularySize => vocabularySize;

    public int SpecialTokens => template.SpecialTokens;

    public TokenizedText Encode(ReadOnlySpan<char> text, TokenLimit limit)
    {
        var scratch = _scratch.Get();
        try
        {
            EncodePieces(text, scratch);
            return template.Apply(CollectionsMarshal.AsSpan(scratch.Ids), limit);
        }
        finally
        {
            _scratch.Return(scratch);
        }
    }

    public TokenizedText Wrap(ReadOnlySpan<int> ids, TokenLimit limit)
    {
        foreach (var id in ids)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)vocabularySize, nameof(ids));
        return template.Apply(ids, limit);
    }

    private void EncodePieces(ReadOnlySpan<char> text, EncoderScratch scratch)
    {
        var first = true;
        while (!text.IsEmpty)
        {
            var found = added.Raw.FindFirst(text, first);
            EncodeNormalized(text[..found.Start], first, scratch);
            if (found.Length > 0)
                scratch.Ids.Add(found.Id);
            text = text[(found.Start + found.Length)..];
            first = false;
        }
    }

    /// <summary>Some added tokens are looked for in the normalised text; normalising what is left of it once more changes nothing.</summary>
    private void EncodeNormalized(ReadOnlySpan<char> text, bool first, EncoderScratch scratch)
    {
        if (added.Normalized.IsEmpty)
        {
            encoder.Encode(text, first, scratch);
            return;
        }
        text = encoder.Normalize(text);
        while (!text.IsEmpty)
        {
            var found = added.Normalized.FindFirst(text, first);
            encoder.Encode(text[..found.Start], first, scratch);
            if (found.Length > 0)
                scratch.Ids.Add(found.Id);
            text = text[(found.Start + found.Length)..];
            first = false;
        }
    }
}

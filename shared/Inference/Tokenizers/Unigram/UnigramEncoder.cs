using System.Buffers;
using System.Runtime.InteropServices;

namespace Millrace.Inference.Tokenizers.Unigram;

/// <summary>SentencePiece's unigram model, as T5 and XLM-R use it.</summary>
internal sealed class UnigramEncoder(UnigramVocabulary vocabulary, UnigramNormalizer normalizer, Metaspace metaspace) : IPieceEncoder
{
    private const int StackSymbols = 128;

    public void Encode(ReadOnlySpan<char> text, bool first, EncoderScratch scratch)
    {
        text = Normalize(text);
        if (!metaspace.SplitsAtWhiteSpace)
        {
            EncodeSection(text, first, scratch);
            return;
        }
        while (!text.IsEmpty)
        {
            var length = WordLength(text);
            if (length > 0)
                EncodeSection(text[..length], first, scratch);
            first = false;
            text = text[Math.Min(length + 1, text.Length)..];
        }
    }

    public ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) => normalizer.Apply(text);

    private static int WordLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && !char.IsWhiteSpace(text[length]))
            length++;
        return length;
    }

    private void EncodeSection(ReadOnlySpan<char> section, bool first, EncoderScratch scratch)
    {
        if (section.IsEmpty)
            return;
        var rented = section.Length >= StackSymbols ? ArrayPool<char>.Shared.Rent(section.Length + 1) : null;
        var marked = rented ?? stackalloc char[StackSymbols];
        marked[0] = Metaspace.Mark;
        section.CopyTo(marked[1..]);
        marked = marked[..(section.Length + 1)];
        marked.Replace(' ', Metaspace.Mark);
        var prepends = metaspace.Prepend == PrependScheme.Always || (metaspace.Prepend == PrependScheme.First && first);
        EncodeMarked(prepends && marked[1] != Metaspace.Mark ? marked : marked[1..], scratch);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
    }

    private void EncodeMarked(ReadOnlySpan<char> marked, EncoderScratch scratch)
    {
        while (!marked.IsEmpty)
        {
            var next = metaspace.SplitsAtMark ? marked[1..].IndexOf(Metaspace.Mark) : -1;
            var length = next < 0 ? marked.Length : next + 1;
            Find(marked[..length], scratch);
            marked = marked[length..];
        }
    }

    private void Find(ReadOnlySpan<char> word, EncoderScratch scratch)
    {
        var hash = WordCache.Hash(word);
        if (scratch.Words.TryAppend(word, hash, scratch.Ids))
            return;
        scratch.WordIds.Clear();
        UnigramLattice.Split(word, vocabulary, scratch.WordIds);
        var ids = CollectionsMarshal.AsSpan(scratch.WordIds);
        scratch.Words.Store(word, hash, ids);
        scratch.Ids.AddRange(ids);
    }
}

using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Millrace.Inference.Tokenizers.BytePair;

/// <summary>Byte-level byte-pair encoding, as GPT-2 and RoBERTa use it.</summary>
/// <param name="byteIds">The id of each single byte's symbol.</param>
/// <param name="wholeWords">If not null, a word that is a token is never merged from parts (<c>ignore_merges</c>).</param>
/// <param name="addPrefixSpace">A text that does not begin with a space gets one.</param>
/// <param name="form">Unicode normalisation before anything else.</param>
/// <remarks>Source: Radford et al. 2019 and its released code; the details are those of Hugging Face's tokenizers.</remarks>
internal sealed class BytePairEncoder(
    int[] byteIds, BytePairMerges merges, IReadOnlyDictionary<string, int>? wholeWords, bool addPrefixSpace, NormalizationForm? form)
    : IPieceEncoder
{
    private const int StackBytes = 256;

    public void Encode(ReadOnlySpan<char> text, bool first, EncoderScratch scratch)
    {
        text = Normalize(text);
        if (addPrefixSpace && !text.IsEmpty && text[0] != ' ')
            text = string.Concat(" ", text);
        while (!text.IsEmpty)
        {
            var word = text[..GptWordSplitter.NextLength(text)];
            text = text[word.Length..];
            var hash = WordCache.Hash(word);
            if (scratch.Words.TryAppend(word, hash, scratch.Ids))
                continue;
            scratch.WordIds.Clear();
            Split(word, scratch.WordIds);
            var ids = CollectionsMarshal.AsSpan(scratch.WordIds);
            scratch.Words.Store(word, hash, ids);
            scratch.Ids.AddRange(ids);
        }
    }

    public ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) =>
        form is { } unicode ? UnicodeText.Normalize(text, unicode) : text;

    private void Split(ReadOnlySpan<char> word, List<int> ids)
    {
        var room = Encoding.UTF8.GetMaxByteCount(word.Length);
        var rented = room > StackBytes ? ArrayPool<byte>.Shared.Rent(room) : null;
        var bytes = rented ?? stackalloc byte[StackBytes];
        bytes = bytes[..Encoding.UTF8.GetBytes(word, bytes)];
        if (wholeWords is null || !TryWhole(bytes, ids))
        {
            CollectionsMarshal.SetCount(ids, bytes.Length);
            var symbols = CollectionsMarshal.AsSpan(ids);
            for (var i = 0; i < bytes.Length; i++)
                symbols[i] = byteIds[bytes[i]];
            CollectionsMarshal.SetCount(ids, BytePairWord.Merge(symbols, merges));
        }
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private bool TryWhole(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        var spelling = string.Create(bytes.Length, bytes, static (symbols, bytes) =>
        {
            for (var i = 0; i < symbols.Length; i++)
                symbols[i] = ByteAlphabet.Symbols[bytes[i]];
        });
        if (!wholeWords!.TryGetValue(spelling, out var id))
            return false;
        ids.Add(id);
        return true;
    }
}

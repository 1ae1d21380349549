using System.Runtime.InteropServices;
using System.Text;

namespace Millrace.Inference.Tokenizers.WordPiece;

/// <summary>BERT's tokenizer in one pass over the text: normalise each code point, gather words, look them up.</summary>
/// <remarks>Source: Devlin et al. 2018 and its released code; the details are those of Hugging Face's tokenizers.</remarks>
internal sealed class WordPieceEncoder(WordPieceVocabulary vocabulary, BertNormalizerOptions options) : IPieceEncoder
{
    private readonly RuneTable _runes = new(options);
    private readonly char[] _ascii = AsciiFolding(new RuneTable(options));

    /// <summary>Ends a word; no letter folds to it.</summary>
    private const char Boundary = ' ';

    /// <summary>Punctuation, and what is dropped, take the slower way.</summary>
    private const char Special = '\0';

    public void Encode(ReadOnlySpan<char> text, bool first, EncoderScratch scratch)
    {
        if (!TryEncode(text, ordered: false, scratch, out var start))
        {
            scratch.Ids.RemoveRange(start, scratch.Ids.Count - start);
            TryEncode(UnicodeText.Normalize(text, NormalizationForm.FormD), ordered: true, scratch, out _);
        }
    }

    public ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            result.Append(_runes[rune]);
        return result.ToString();
    }

    private bool TryEncode(ReadOnlySpan<char> text, bool ordered, EncoderScratch scratch, out int start)
    {
        start = scratch.Ids.Count;
        var word = new WordBuffer(stackalloc char[WordBuffer.Capacity(vocabulary.MaxWordRunes)]);
        for (var at = 0; at < text.Length;)
        {
            var symbol = text[at];
            var folded = symbol < 128 ? _ascii[symbol] : Special;
            if (folded > Boundary)
            {
                word.Append(folded);
                at++;
                continue;
            }
            if (folded == Boundary)
            {
                End(ref word, scratch);
                at++;
                continue;
            }
            Rune.DecodeFromUtf16(text[at..], out var rune, out var used);
            if (!ordered && options.StripsAccents && RuneTable.NeedsOrder(rune))
                return false;
            Append(_runes[rune], ref word, scratch);
            at += used;
        }
        End(ref word, scratch);
        return true;
    }

    private void Append(string normalized, ref WordBuffer word, EncoderScratch scratch)
    {
        foreach (var symbol in normalized)
        {
            if (symbol == Boundary)
                End(ref word, scratch);
            else
                word.Append(symbol);
        }
    }

    private void End(ref WordBuffer buffer, EncoderScratch scratch)
    {
        var word = buffer.Written;
        if (word.IsEmpty)
            return;
        if (buffer.Runes > vocabulary.MaxWordRunes)
            scratch.Ids.Add(vocabulary.UnknownId);
        else
            Find(word, scratch);
        buffer.Clear();
    }

    private void Find(ReadOnlySpan<char> word, EncoderScratch scratch)
    {
        var hash = WordCache.Hash(word);
        if (scratch.Words.TryAppend(word, hash, scratch.Ids))
            return;
        scratch.WordIds.Clear();
        vocabulary.Split(word, scratch.WordIds);
        var ids = CollectionsMarshal.AsSpan(scratch.WordIds);
        scratch.Words.Store(word, hash, ids);
        scratch.Ids.AddRange(ids);
    }

    private static char[] AsciiFolding(RuneTable runes)
    {
        var folding = new char[128];
        for (var symbol = 0; symbol < folding.Length; symbol++)
            folding[symbol] = runes[new Rune(symbol)] is [var single] ? single : Special;
        return folding;
    }
}

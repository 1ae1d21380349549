using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Millrace.Inference.Tokenizers.Unigram;

/// <summary>SentencePiece's compiled normalisation rules: a double-array trie from bytes to replacements.</summary>
/// <remarks>
/// A grapheme of fewer than six bytes is looked up as a whole, and the shortest rule that begins it replaces all of it; otherwise
/// each code point is looked up by itself. That is how Hugging Face's spm_precompiled reads the rules, and models are trained so.
/// </remarks>
internal sealed class PrecompiledCharsmap
{
    private const int MaxWholeGraphemeBytes = 5;
    private readonly uint[] _trie;
    private readonly byte[] _replacements;
    private readonly string?[]?[] _single = new string?[]?[(0x10FFFF >> 8) + 1];

    /// <exception cref="InvalidDataException">The bytes are not such a map.</exception>
    public PrecompiledCharsmap(ReadOnlySpan<byte> map)
    {
        if (map.Length < sizeof(uint) || MemoryMarshal.Read<uint>(map) is var size && (size % 4 != 0 || size == 0 || size > map.Length - 4))
            throw new InvalidDataException("the precompiled charsmap is cut off or damaged");
        _trie = MemoryMarshal.Cast<byte, uint>(map.Slice(sizeof(uint), (int)size)).ToArray();
        _replacements = map[(sizeof(uint) + (int)size)..].ToArray();
    }

    public void Append(ReadOnlySpan<char> text, StringBuilder result)
    {
        while (!text.IsEmpty)
        {
            var length = GraphemeLength(text);
            AppendGrapheme(text[..length], result);
            text = text[length..];
        }
    }

    private static int GraphemeLength(ReadOnlySpan<char> text) =>
        text[0] < 128 && text[0] != '\r' && (text.Length == 1 || text[1] < 128) ? 1 : StringInfo.GetNextTextElementLength(text);

    private void AppendGrapheme(ReadOnlySpan<char> grapheme, StringBuilder result)
    {
        if (grapheme.Length > 1 && Encoding.UTF8.GetByteCount(grapheme) <= MaxWholeGraphemeBytes && Replacement(grapheme) is { } whole)
        {
            result.Append(whole);
            return;
        }
        foreach (var rune in grapheme.EnumerateRunes())
            result.Append(Single(rune));
    }

    private string Single(Rune rune)
    {
        var page = _single[rune.Value >> 8] ??= new string?[256];
        return page[rune.Value & 255] ??= Replacement(rune.ToString()) ?? rune.ToString();
    }

    private string? Replacement(ReadOnlySpan<char> key)
    {
        Span<byte> bytes = stackalloc byte[16];
        var start = ShortestPrefix(bytes[..Encoding.UTF8.GetBytes(key, bytes)]);
        if (start < 0 || start >= _replacements.Length)
            return null;
        var rest = _replacements.AsSpan(start);
        var end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    /// <summary>Walks the double array as darts-clone lays it out.</summary>
    private int ShortestPrefix(ReadOnlySpan<byte> key)
    {
        var node = Offset(_trie[0]);
        foreach (var symbol in key)
        {
            node ^= symbol;
            if (symbol == 0 || node >= _trie.Length)
                return -1;
            var unit = _trie[node];
            if ((unit & 0x800000FF) != symbol)
                return -1;
            node ^= Offset(unit);
            if ((unit >> 8 & 1) == 1)
                return node < _trie.Length ? (int)(_trie[node] & 0x7FFFFFFF) : -1;
        }
        return -1;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & (1 << 9)) >> 6);
}

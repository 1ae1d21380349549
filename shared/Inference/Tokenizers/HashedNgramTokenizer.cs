using System.Buffers;
using static Millrace.Inference.Tokenizers.CharacterClasses;

namespace Millrace.Inference.Tokenizers;

/// <summary>
/// Gives a text the ids of its word and character n-grams: the featuriser of the bundled models. Its laws are written in
/// <c>infra/models/hashed_ngrams.py</c>, whose ids it gives exactly. Holds no state between texts; safe for many threads.
/// </summary>
public sealed class HashedNgramTokenizer(HashedNgramOptions options)
{
    /// <summary>The id that pads a row; no n-gram has it.</summary>
    public const int PaddingId = 0;

    private static readonly uint Url = NgramHash.Of("<url>");
    private static readonly uint User = NgramHash.Of("<user>");

    public HashedNgramOptions Options { get; } = options;

    /// <summary>Writes the ids of <paramref name="text"/>, as many as there is room for and <c>MaxFeatures</c> allows.</summary>
    /// <returns>The number of ids written; 0 for a text without a visible character.</returns>
    public int Encode(ReadOnlySpan<char> text, Span<int> ids, out bool truncated)
    {
        int[] codes = ArrayPool<int>.Shared.Rent(text.Length);
        try
        {
            int count = CharacterFolding.Fold(text, codes);
            var writer = new NgramWriter(Options, ids[..Math.Min(ids.Length, Options.MaxFeatures)]);
            WriteUnits(codes.AsSpan(0, count), ref writer, int.MaxValue);
            truncated = writer.IsTruncated;
            return writer.Count;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(codes);
        }
    }

    /// <summary>Appends at most <paramref name="maxTokens"/> ids to <paramref name="ids"/> and returns how many.</summary>
    public int Encode(ReadOnlySpan<char> text, List<int> ids, int maxTokens, out bool truncated)
    {
        int[] room = ArrayPool<int>.Shared.Rent(Math.Min(maxTokens, Options.MaxFeatures));
        try
        {
            int count = Encode(text, room.AsSpan(0, Math.Min(maxTokens, Options.MaxFeatures)), out truncated);
            ids.AddRange(room.AsSpan(0, count));
            return count;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(room);
        }
    }

    /// <summary>The ids of a text part by part, each part from the unit on at which the one before was half full.</summary>
    /// <param name="room">Ids of one part; not more than <c>MaxFeatures</c> are kept.</param>
    /// <param name="maxParts">At least one.</param>
    /// <param name="truncated">True if the parts do not reach the end of the text.</param>
    public IReadOnlyList<int[]> EncodeParts(ReadOnlySpan<char> text, int room, int maxParts, out bool truncated)
    {
        room = Math.Min(room, Options.MaxFeatures);
        int[] codes = ArrayPool<int>.Shared.Rent(text.Length);
        int[] ids = ArrayPool<int>.Shared.Rent(room);
        try
        {
            var rest = codes.AsSpan(0, CharacterFolding.Fold(text, codes));
            var parts = new List<int[]>();
            do
            {
                var writer = new NgramWriter(Options, ids.AsSpan(0, room));
                rest = rest[WriteUnits(rest, ref writer, room / 2)..];
                parts.Add(ids[..writer.Count]);
                truncated = writer.IsTruncated;
            }
            while (truncated && parts.Count < maxParts);
            return parts;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(codes);
            ArrayPool<int>.Shared.Return(ids);
        }
    }

    /// <returns>Where the first unit begins, after another, that finds <paramref name="half"/> ids or more; where writing ended if none does.</returns>
    private int WriteUnits(scoped ReadOnlySpan<int> codes, ref NgramWriter writer, int half)
    {
        Span<int> bounded = stackalloc int[WordShape.MaxCodePoints + 2];
        int next = 0;
        int at = 0;
        while (at < codes.Length && !writer.IsTruncated)
        {
            if (next == 0 && at > 0 && writer.Count >= half)
                next = at;
            var rest = codes[at..];
            if (CharacterClasses.Of(rest[0]) == CharacterClass.Space)
                at++;
            else if (UrlLength(rest) is var url and > 0)
                at += Special(Url, url, ref writer);
            else if (MentionLength(rest) is var mention and > 0)
                at += Special(User, mention, ref writer);
            else
                at += WriteUnit(rest, bounded, ref writer);
        }
        return next > 0 ? next : at;
    }

    private static int Special(uint hash, int length, ref NgramWriter writer)
    {
        writer.Unit(hash);
        return length;
    }

    private int WriteUnit(scoped ReadOnlySpan<int> rest, scoped Span<int> bounded, ref NgramWriter writer)
    {
        switch (CharacterClasses.Of(rest[0]))
        {
            case CharacterClass.Letter:
                int length = WordLength(rest);
                WriteWord(rest[..Math.Min(length, WordShape.MaxCodePoints)], bounded, ref writer);
                return length;
            case CharacterClass.Symbol:
                int run = rest.IndexOfAnyExcept(rest[0]) is var end and >= 0 ? end : rest.Length;
                writer.Unit(NgramHash.Of(rest[..Math.Min(run, 2)]));
                return run;
            default:
                writer.Unit(NgramHash.Of(rest[..1]));
                return 1;
        }
    }

    private void WriteWord(scoped ReadOnlySpan<int> raw, scoped Span<int> bounded, ref NgramWriter writer)
    {
        int length = WordShape.Write(raw, Options.Deobfuscate, Options.FoldNumbers, bounded[1..]);
        bounded[0] = '<';
        bounded[length + 1] = '>';
        writer.Unit(NgramHash.Of(bounded.Slice(1, length)));
        if (Options.Capitals && WordShape.IsInCapitals(raw))
            writer.InCapitals();
        writer.Chars(bounded[..(length + 2)]);
    }

    private static int UrlLength(ReadOnlySpan<int> rest)
    {
        int scheme = rest[0] is 'h' or 'H' ? Math.Max(Prefix(rest, "http://"), Prefix(rest, "https://"))
            : rest[0] is 'w' or 'W' ? Prefix(rest, "www.")
            : 0;
        if (scheme == 0)
            return 0;
        int end = scheme;
        while (end < rest.Length && CharacterClasses.Of(rest[end]) != CharacterClass.Space)
            end++;
        return end > scheme ? end : 0;
    }

    private static int Prefix(ReadOnlySpan<int> rest, string lower)
    {
        if (rest.Length < lower.Length)
            return 0;
        for (int i = 0; i < lower.Length; i++)
        {
            if (rest[i] != lower[i] && !(IsAsciiLetter(lower[i]) && rest[i] == (lower[i] & ~0x20)))
                return 0;
        }

        return lower.Length;
    }

    private static int MentionLength(ReadOnlySpan<int> rest)
    {
        if (rest[0] != '@' || rest.Length < 2 || !IsNameCharacter(rest[1]))
            return 0;
        int end = 2;
        while (end < rest.Length && (IsNameCharacter(rest[end]) || rest[end] is '.' or '-'))
            end++;
        return end;
    }

    private static int WordLength(ReadOnlySpan<int> rest)
    {
        int end = 1;
        while (end < rest.Length)
        {
            int next = end;
            if (rest[next] == '\'')
                next++;
            else
                while (next < rest.Length && MasksALetter(rest[next]))
                    next++;
            if (next >= rest.Length || CharacterClasses.Of(rest[next]) != CharacterClass.Letter)
                return end;
            end = next + 1;
        }

        return end;
    }
}

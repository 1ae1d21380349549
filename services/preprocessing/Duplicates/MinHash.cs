using System.Text;

namespace Millrace.Preprocessing.Duplicates;

/// <summary>
/// MinHash signature over five-character pieces of a text's letters and digits (A. Broder, "On the resemblance and
/// containment of documents", 1997): the share of equal places estimates the Jaccard likeness.
/// </summary>
internal sealed class MinHash
{
    private const int Places = 64;
    private const int PieceLength = 5;
    private const int MaxCharacters = 16_384;

    private const int RowsPerBand = 4;

    /// <summary>Bands over half of the places: at a likeness of 0.85 one of eight agrees with 99.7 %.</summary>
    public const int Bands = 8;

    private static readonly (ulong Multiply, ulong Add)[] Hashes = MakeHashes();

    private readonly ushort[] _places = new ushort[Places];
    private readonly ulong[] _bands = new ulong[Bands];

    private MinHash()
    {
    }

    public ReadOnlySpan<ulong> BandKeys => _bands;

    /// <returns>Null when the text has fewer letters and digits than a signature means anything for.</returns>
    public static MinHash? Of(string prose, int minCharacters)
    {
        var letters = Letters(prose);
        if (letters.Length < Math.Max(minCharacters, PieceLength))
            return null;
        Span<ulong> lowest = stackalloc ulong[Places];
        lowest.Fill(ulong.MaxValue);
        for (var at = 0; at + PieceLength <= letters.Length; at++)
        {
            var piece = Piece(letters.AsSpan(at, PieceLength));
            for (var place = 0; place < Places; place++)
                lowest[place] = Math.Min(lowest[place], unchecked((piece * Hashes[place].Multiply) + Hashes[place].Add) >> 16);
        }
        return FromLowest(lowest);
    }

    public double Likeness(MinHash other)
    {
        var equal = 0;
        for (var place = 0; place < Places; place++)
            equal += _places[place] == other._places[place] ? 1 : 0;
        return (double)equal / Places;
    }

    private static MinHash FromLowest(ReadOnlySpan<ulong> lowest)
    {
        var signature = new MinHash();
        for (var place = 0; place < Places; place++)
            signature._places[place] = (ushort)Mix(lowest[place]);
        for (var band = 0; band < Bands; band++)
        {
            var key = (ulong)band + 1;
            foreach (var value in lowest.Slice(band * RowsPerBand, RowsPerBand))
                key = Mix(key ^ value);
            signature._bands[band] = key;
        }
        return signature;
    }

    private static string Letters(string prose)
    {
        var kept = new StringBuilder(Math.Min(prose.Length, MaxCharacters));
        foreach (var symbol in prose)
        {
            if (char.IsLetterOrDigit(symbol) || char.IsSurrogate(symbol))
                kept.Append(char.ToLowerInvariant(symbol));
            if (kept.Length == MaxCharacters)
                break;
        }
        return kept.ToString();
    }

    private static ulong Piece(ReadOnlySpan<char> letters)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in letters)
            hash = unchecked((hash ^ letter) * 1099511628211UL);
        return Mix(hash);
    }

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }

    // Fixed seeds: the same text has the same signature in every process.
    private static (ulong, ulong)[] MakeHashes() =>
        [.. Enumerable.Range(1, Places).Select(place => (Mix((ulong)place * 0x9E3779B97F4A7C15UL) | 1, Mix((ulong)place * 0xD1B54A32D192ED03UL)))];
}

using System.Collections.Immutable;
using System.Numerics;

namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>A set of positions that fills up from the front: everything below a floor, and one bit each above it.</summary>
public sealed record ItemSet
{
    private const int WordBits = 64;

    /// <exception cref="ArgumentOutOfRangeException">The floor is negative or no multiple of 64.</exception>
    public ItemSet(int floor, ImmutableArray<ulong> words)
    {
        if (floor < 0 || floor % WordBits != 0)
            throw new ArgumentOutOfRangeException(nameof(floor), floor, "The floor must be a multiple of 64.");
        Floor = floor;
        Words = words;
        Count = floor + words.Sum(BitOperations.PopCount);
    }

    public static ItemSet Empty { get; } = new(0, []);

    /// <summary>All positions below are in the set; a multiple of 64.</summary>
    public int Floor { get; }

    /// <summary>Bit b of word w stands for position <c>Floor + 64 w + b</c>.</summary>
    public ImmutableArray<ulong> Words { get; }

    public int Count { get; }

    public bool Contains(int item)
    {
        if (item < Floor)
            return true;
        var word = (item - Floor) / WordBits;
        return word < Words.Length && (Words[word] >> (item % WordBits) & 1) != 0;
    }

    public ItemSet Add(int item)
    {
        if (Contains(item))
            return this;
        var word = (item - Floor) / WordBits;
        var words = new ulong[Math.Max(Words.Length, word + 1)];
        Words.CopyTo(words);
        words[word] |= 1UL << (item % WordBits);
        var full = 0;
        while (full < words.Length && words[full] == ulong.MaxValue)
            full++;
        return new ItemSet(Floor + (full * WordBits), [.. words.AsSpan(full)]);
    }
}

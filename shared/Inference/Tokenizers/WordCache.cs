using System.Numerics;
using System.Runtime.InteropServices;

namespace Millrace.Inference.Tokenizers;

/// <summary>The ids of words seen before. Direct-mapped, so its size is fixed: a new word takes the place of another.</summary>
internal sealed class WordCache
{
    private const int Slots = 1 << 14;
    private const int MaxChars = 24;
    private const int MaxIds = 7;
    private readonly Slot[] _slots = new Slot[Slots];
    private readonly char[] _chars = new char[Slots * MaxChars];
    private readonly int[] _ids = new int[Slots * MaxIds];

    public bool TryAppend(ReadOnlySpan<char> word, uint hash, List<int> ids)
    {
        var index = (int)(hash % Slots);
        ref readonly var slot = ref _slots[index];
        if (slot.Hash != hash || slot.Chars != word.Length || !word.SequenceEqual(_chars.AsSpan(index * MaxChars, slot.Chars)))
            return false;
        var start = index * MaxIds;
        if (slot.Ids == 1)
            ids.Add(_ids[start]);
        else
            ids.AddRange(_ids.AsSpan(start, slot.Ids));
        return true;
    }

    public void Store(ReadOnlySpan<char> word, uint hash, ReadOnlySpan<int> ids)
    {
        if (word.Length > MaxChars || ids.Length > MaxIds || word.IsEmpty)
            return;
        var index = (int)(hash % Slots);
        _slots[index] = new Slot(hash, (byte)word.Length, (byte)ids.Length);
        word.CopyTo(_chars.AsSpan(index * MaxChars));
        ids.CopyTo(_ids.AsSpan(index * MaxIds));
    }

    public static uint Hash(ReadOnlySpan<char> word)
    {
        var hash = (ulong)word.Length;
        var bytes = MemoryMarshal.AsBytes(word);
        while (bytes.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        var tail = 0UL;
        foreach (var symbol in MemoryMarshal.Cast<byte, char>(bytes))
            tail = (tail << 16) | symbol;
        hash = Mix(hash ^ tail);
        return (uint)(hash >> 32);
    }

    private static ulong Mix(ulong value)
    {
        value *= 0x9E3779B97F4A7C15;
        return value ^ BitOperations.RotateRight(value, 29);
    }

    private readonly record struct Slot(uint Hash, byte Chars, byte Ids);
}

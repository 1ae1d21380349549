namespace Millrace.Inference.Tokenizers;

/// <summary>FNV-1a over code points, finished by murmur3's mixer: cheap to extend by one code point, even over buckets.</summary>
internal static class NgramHash
{
    public const uint Basis = 2166136261;
    public const uint CharsBasis = Basis ^ 0x9E3779B9;
    public const uint SkipSeed = 0x5BD1E995;

    public static uint Extend(uint state, int code) => (state ^ (uint)code) * 16777619;

    public static uint Of(ReadOnlySpan<int> codes)
    {
        uint state = Basis;
        foreach (int code in codes)
            state = Extend(state, code);
        return state;
    }

    public static uint Of(string unit)
    {
        uint state = Basis;
        foreach (char code in unit)
            state = Extend(state, code);
        return state;
    }

    /// <summary>The hash of two neighbours; order counts.</summary>
    public static uint Join(uint first, uint second) => (((first * 0x01000193) + 0x9E3779B9) ^ second) * 0x85EBCA6B;

    /// <summary>The bucket, 0 to <paramref name="buckets"/> - 1, of an unfinished hash.</summary>
    public static int Bucket(uint hash, int buckets)
    {
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        hash ^= hash >> 16;
        return (int)(((ulong)hash * (uint)buckets) >> 32);
    }
}

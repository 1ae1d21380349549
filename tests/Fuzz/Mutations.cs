using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Fuzz.Tests;

/// <summary>Inputs that are nearly right: good ones with bytes flipped, cut out, doubled, put in, or swapped with another's.</summary>
internal static class Mutations
{
    private const int MaxChanges = 8;

    private static readonly byte[][] Signs =
    [
        .. new[]
        {
            "{", "}", "[", "]", ":", ",", "\"", "\\", "'", "null", "true", "{}", "[]", "\"\"", "-", "0", "-0", "1e999", "-1e-999", "9223372036854775808",
            "0.1", "\\u0000", "\\ud800", "\\udc00\\ud800", "\0", "\n", "\r\n", "\t", " ", "#", "&a", "*a", "|", ">", "!", "%", "@", "`", "---", "- ", "? ",
            "..", "/", "%00", "%ff", "?", "&", "=", "\u202e", "\ufeff", "é", "🦀",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
    ];

    /// <summary>One in ten has nothing to do with the good ones.</summary>
    public static Arbitrary<byte[]> Of(params string[] good)
    {
        var corpus = good.Select(Encoding.UTF8.GetBytes).ToArray();
        var seeds = Gen.Choose(0, int.MaxValue - 1);
        var random = seeds.Select(seed => Noise(new Random(seed)));
        var mutated = seeds.Select(seed => Mutate(corpus, new Random(seed)));
        return Arb.From(Gen.Frequency((1, random), (9, mutated)), ArbMap.Default.ArbFor<byte[]>().Shrinker);
    }

    /// <summary>One text, nearly right.</summary>
    public static byte[] Mutate(string good, Random random) => Mutate([Encoding.UTF8.GetBytes(good)], random);

    public static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(64)];
        random.NextBytes(bytes);
        return random.Next(2) == 0 ? bytes : [.. bytes.SelectMany(each => Signs[each % Signs.Length])];
    }

    private static byte[] Mutate(byte[][] corpus, Random random)
    {
        var bytes = corpus[random.Next(corpus.Length)].ToList();
        // Few changes more often than many: what is nearly right gets furthest.
        for (var left = random.Next(random.Next(MaxChanges) + 2); left > 0; left--)
            Change(bytes, corpus, random);
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, byte[][] corpus, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = random.Next(Math.Min(bytes.Count - at, 16) + 1);
        switch (random.Next(7))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4:
                var other = corpus[random.Next(corpus.Length)];
                bytes.InsertRange(at, other.Skip(random.Next(other.Length)).Take(32));
                break;
            case 5:
                // Deep or long rather than strange.
                bytes.InsertRange(at, Enumerable.Repeat(Signs[random.Next(Signs.Length)], random.Next(1, 200)).SelectMany(sign => sign));
                break;
            default:
                bytes.InsertRange(at, Signs[random.Next(Signs.Length)]);
                break;
        }
    }
}

using System.Text;
using RabbitMQ.Client;

namespace Millrace.Fuzz.Tests;

/// <summary>Makes properties as strange as the protocol allows.</summary>
internal static class AmqpProperties
{
    private const int MaxDepth = 4;

    private static readonly string[] StrayHeaders = ["x-death", "x-delivery-count", "reason", "first-queue", "", "X\0", "\ud83e\udd80", "Error", "BATCH"];

    private static readonly double[] Doubles = [0, -0.0, 1.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.Epsilon];

    private static readonly long[] Longs = [0, 1, -1, 9, 255, int.MaxValue, (long)int.MaxValue + 1, long.MaxValue, long.MinValue, 253_402_300_799, 253_402_300_800];

    /// <summary>Good more often than not, so that most messages get past the first look at them.</summary>
    public static BasicProperties Make(AmqpCorpus corpus, Random random)
    {
        var properties = new BasicProperties { Persistent = random.Next(2) == 0 };
        if (random.Next(2) == 0)
            properties.ContentType = Text("application/json", random);
        if (random.Next(8) == 0)
            properties.ContentEncoding = Text("gzip", random);
        if (corpus.CorrelationIds.Count > 0 && random.Next(16) > 0)
            properties.CorrelationId = Text(Pick(corpus.CorrelationIds, random), random);
        if (corpus.ReplyTos.Count > 0 && random.Next(8) > 0)
            properties.ReplyTo = Text(Pick(corpus.ReplyTos, random), random);
        if (random.Next(4) == 0)
            properties.MessageId = Text(Pick(["7f1d2c3b-0000-4000-8000-000000000001", "m-1", ""], random), random);
        if (random.Next(8) == 0)
            properties.AppId = Text("sender", random);
        if (random.Next(4) == 0)
            properties.Priority = (byte)random.Next(256);
        if (random.Next(4) > 0)
            properties.Headers = Headers(corpus, random);
        return properties;
    }

    private static Dictionary<string, object?> Headers(AmqpCorpus corpus, Random random)
    {
        var headers = new Dictionary<string, object?>();
        foreach (var (name, values) in corpus.Headers)
        {
            if (random.Next(6) == 0)
                headers[name] = random.Next(3) == 0 ? Value(random, depth: 0) : Encoding.UTF8.GetBytes(Text(Pick(values, random), random));
        }
        if (random.Next(4) == 0)
            headers[Pick(StrayHeaders, random)] = Value(random, depth: 0);
        return headers;
    }

    /// <summary>All that the client reads from the wire.</summary>
    private static object? Value(Random random, int depth) => random.Next(depth < MaxDepth ? 17 : 14) switch
    {
        0 => null,
        1 => Mutations.Noise(random),
        2 => random.Next(2) == 0,
        3 => (byte)random.Next(256),
        4 => (sbyte)random.Next(-128, 128),
        5 => (short)random.Next(short.MinValue, short.MaxValue),
        6 => (ushort)random.Next(ushort.MaxValue),
        7 => random.Next(int.MinValue, int.MaxValue),
        8 => (uint)random.NextInt64(uint.MaxValue),
        9 => Longs[random.Next(Longs.Length)],
        10 => (float)Doubles[random.Next(Doubles.Length)],
        11 => Doubles[random.Next(Doubles.Length)],
        12 => new decimal(random.Next(), 0, 0, random.Next(2) == 0, (byte)random.Next(29)),
        13 => new AmqpTimestamp(Longs[random.Next(Longs.Length)]),
        14 => new BinaryTableValue(Mutations.Noise(random)),
        15 => Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1)).ToList(),
        _ => Enumerable.Range(0, random.Next(4)).ToDictionary(index => $"k{index}", _ => Value(random, depth + 1)),
    };

    private static string Text(string good, Random random) =>
        random.Next(6) > 0 ? good : Encoding.UTF8.GetString(Mutations.Mutate(good, random));

    private static T Pick<T>(IReadOnlyList<T> from, Random random) => from[random.Next(from.Count)];
}

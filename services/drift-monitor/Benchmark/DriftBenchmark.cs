using System.Diagnostics;
using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Benchmark;

/// <param name="NaiveSeconds">The same kernel sums pair by pair, scaled up from a share of the pairs in the same run.</param>
/// <param name="PeakMiB">Managed memory at most, while the linear test ran.</param>
public sealed record DriftBenchmarkResult(
    int ExactRows, int Dimensions, int Permutations, double ExactSeconds, double NaiveSeconds, double RatioToNaive,
    long LinearRows, int Frequencies, double LinearSeconds, double PeakMiB, int Cores);

/// <summary>Times the exact test, and the linear test over made-up rows that are never held all at once.</summary>
public static class DriftBenchmark
{
    private const int Permutations = 100;
    private const int NaiveRows = 400;

    /// <param name="chunkRows">Rows a thread holds at once: memory is this times dimensions times 4 bytes times the cores.</param>
    public static DriftBenchmarkResult Run(int exactRows, long linearRows, int dimensions, int frequencies, int chunkRows, CancellationToken cancellationToken)
    {
        var (x, y) = (Make(exactRows, dimensions, 1), Make(exactRows, dimensions, 2));
        ExactMmdTest.Run(Make(600, dimensions, 3), Make(600, dimensions, 4), Permutations, 0.01, 1, cancellationToken);
        var exact = Time(() => _ = ExactMmdTest.Run(x, y, Permutations, 0.01, 1, cancellationToken));
        var naive = Time(() => _ = Naive(x)) * ((double)exactRows * exactRows * 2 / ((double)NaiveRows * NaiveRows / 2));
        var peak = 0L;
        var linear = Time(() => peak = Linear(linearRows, dimensions, frequencies, chunkRows, cancellationToken));
        return new DriftBenchmarkResult(
            exactRows, dimensions, Permutations, exact, naive, naive / exact, linearRows, frequencies, linear, peak / 1048576.0, Environment.ProcessorCount);
    }

    private static long Linear(long rows, int dimensions, int frequencies, int chunkRows, CancellationToken cancellationToken)
    {
        var features = new RandomFeatures(dimensions, frequencies, Math.Sqrt(dimensions), 1);
        var plan = BlockPlan.For(rows, rows);
        var (left, right) = (new FeatureSums(features, plan.First), new FeatureSums(features, plan.Second));
        var peak = 0L;
        foreach (var (sums, seed) in new[] { (left, 1), (right, 1_000_003) })
            peak = Math.Max(peak, AddAll(features, sums, rows, dimensions, chunkRows, seed, cancellationToken));
        FeatureMmdTest.Run(left, right, features.Bandwidth, Permutations, 0.01, 1);
        return peak;
    }

    private static long AddAll(
        RandomFeatures features, FeatureSums sums, long rows, int dimensions, int chunkRows, int seed, CancellationToken cancellationToken)
    {
        var peak = 0L;
        var gate = new Lock();
        Parallel.For(
            0L, (rows + chunkRows - 1) / chunkRows, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            () => new FeatureSums(features, sums.Blocks),
            (chunk, _, own) =>
            {
                var samples = Make((int)Math.Min(chunkRows, rows - chunk * chunkRows), dimensions, seed + (int)chunk);
                own.Add(samples.Rows(0, samples.Count));
                return own;
            },
            own =>
            {
                lock (gate)
                {
                    sums.Merge(own);
                    peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
                }
            });
        return peak;
    }

    private static Samples Make(int rows, int dimensions, int seed)
    {
        var random = new Random(seed);
        var values = new float[rows * dimensions];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f;
        return new Samples(values, dimensions);
    }

    private static double Naive(Samples x)
    {
        var sum = 0.0;
        for (var i = 0; i < NaiveRows; i++)
        {
            for (var j = 0; j < i; j++)
                sum += Math.Exp(-SquaredDistance(x.Row(i % x.Count), x.Row(j % x.Count)) / (2.0 * x.Dimensions));
        }
        return sum;
    }

    private static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var distance = 0.0;
        for (var i = 0; i < a.Length; i++)
            distance += (a[i] - b[i]) * (double)(a[i] - b[i]);
        return distance;
    }

    private static double Time(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }
}

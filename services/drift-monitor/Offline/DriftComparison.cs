using System.Collections.Concurrent;
using Millrace.Contracts;
using Millrace.DriftMonitor.Plots;
using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Offline;

/// <summary>The two-sample test on two files of vectors.</summary>
/// <param name="a">The file that is taken as reference.</param>
public sealed class DriftComparison(VectorFile a, VectorFile b, DriftComparisonOptions options)
{
    /// <summary>Up to this many rows in both files together every pair is compared; above it random features are used.</summary>
    public const int MaxExactRows = 40_000;

    private const int BandwidthRows = 500;

    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="DriftFileException">A line is no vector, lengths differ, or a file has fewer than two vectors.</exception>
    public DriftReport Run(CancellationToken cancellationToken)
    {
        options.Check();
        var (rowsA, rowsB) = (Count(a), Count(b));
        var sample = a.Read(a.Spread(BandwidthRows, rowsA));
        var bandwidth = Bandwidth.Median(sample, b.Read(b.Spread(BandwidthRows, rowsB), sample.Dimensions));
        var features = new RandomFeatures(sample.Dimensions, options.Frequencies, bandwidth, options.Seed);
        var result = rowsA + rowsB <= MaxExactRows ? Exact(sample.Dimensions, rowsA, rowsB, cancellationToken) : ByFeatures(features, rowsA, rowsB, cancellationToken);
        var drift = result.IsDrift(options.Level);
        return new DriftReport(
            rowsA, rowsB, sample.Dimensions, result.Method, result.Mmd2, result.EffectSize, result.PValue, result.Threshold, options.Level,
            result.Permutations, drift, drift ? new Witness(a, b, features).Driving(rowsA, rowsB) : []);
    }

    /// <summary>Both files as dots in the two directions in which they vary most, as SVG.</summary>
    public string Draw() => CloudsPlot.Draw(
        $"{a.Name} and {b.Name}", $"two main directions; blue {a.Name}, orange {b.Name}", Thin(a), Thin(b));

    private static long Count(VectorFile file) => file.CountRows() is var rows && rows >= 2
        ? rows
        : throw new DriftFileException($"{file.Name}: there are {rows} vectors in it; a comparison needs two at least.");

    private static List<(string Name, float[] Vector)> Thin(VectorFile file) =>
        [.. file.Spread(CloudsPlot.MaxDots, file.CountRows()).Select(file.ReadRow)];

    private MmdResult Exact(int dimensions, long rowsA, long rowsB, CancellationToken cancellationToken) => ExactMmdTest.Run(
        a.Read(a.Spread(rowsA, rowsA), dimensions), b.Read(b.Spread(rowsB, rowsB), dimensions),
        options.PermutationsToDraw, options.Level, options.Seed, cancellationToken);

    private MmdResult ByFeatures(RandomFeatures features, long rowsA, long rowsB, CancellationToken cancellationToken)
    {
        var plan = BlockPlan.For(rowsA, rowsB);
        return FeatureMmdTest.Run(
            Sum(a, rowsA, plan.First, plan.RowsPerBlock, features, cancellationToken), Sum(b, rowsB, plan.Second, plan.RowsPerBlock, features, cancellationToken),
            features.Bandwidth, options.PermutationsToDraw, options.Level, options.Seed);
    }

    /// <summary>Reads and sums up on all cores, a chunk of lines each.</summary>
    private FeatureSums Sum(VectorFile file, long rows, int blocks, int rowsPerBlock, RandomFeatures features, CancellationToken cancellationToken)
    {
        var sums = new FeatureSums(features, blocks);
        var gate = new Lock();
        var chunks = file.Spread((long)blocks * rowsPerBlock, rows).Chunk(options.ChunkRows);
        try
        {
            AddAll();
        }
        catch (AggregateException several) when (several.InnerException is DriftFileException first)
        {
            throw new DriftFileException(first.Message);
        }
        return sums;

        void AddAll() => Parallel.ForEach(
            Partitioner.Create(chunks, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { CancellationToken = cancellationToken },
            () => new FeatureSums(features, blocks),
            (lines, _, own) =>
            {
                var samples = file.Read(lines, features.Dimensions);
                own.Add(samples.Rows(0, samples.Count));
                return own;
            },
            own =>
            {
                lock (gate)
                    sums.Merge(own);
            });
    }
}

namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// A sample as sums of features in a fixed number of blocks, whatever its size: sums can be added on and merged, and permuting
/// blocks permutes the sample. Two samples that are compared need as many rows in a block: see <see cref="BlockPlan"/>.
/// </summary>
public sealed class FeatureSums
{
    private readonly RandomFeatures _features;
    private readonly double[][] _sums;
    private readonly long[] _counts;
    private long _next;

    public FeatureSums(RandomFeatures features, int blocks)
    {
        _features = features;
        _sums = [.. Enumerable.Range(0, blocks).Select(_ => new double[features.Length])];
        _counts = new long[blocks];
    }

    /// <summary>Sums up blocks of equally many rows, which are taken evenly spread over the sample if it holds more.</summary>
    public static FeatureSums Of(RandomFeatures features, Samples samples, int blocks, int rowsPerBlock)
    {
        var sums = new FeatureSums(features, blocks);
        var rows = (long)blocks * rowsPerBlock;
        var part = new float[Math.Min(rows, Panels.BlockRows) * samples.Dimensions];
        for (var from = 0L; from < rows; from += Panels.BlockRows)
        {
            var count = (int)Math.Min(Panels.BlockRows, rows - from);
            for (var i = 0; i < count; i++)
                samples.Row((int)((from + i) * samples.Count / rows)).CopyTo(part.AsSpan(i * samples.Dimensions));
            sums.Add(part.AsSpan(0, count * samples.Dimensions));
        }
        return sums;
    }

    public int Blocks => _sums.Length;

    public long Count => _next;

    internal IEnumerable<(double[] Sum, long Count)> FilledBlocks => _sums.Zip(_counts).Where(block => block.Second > 0);

    /// <summary>Deals rows to the blocks in turn, so that blocks differ by one row at most.</summary>
    public void Add(ReadOnlySpan<float> rows)
    {
        _features.Accumulate(rows, _ =>
        {
            var block = (int)(_next++ % Blocks);
            _counts[block]++;
            return _sums[block];
        });
    }

    /// <summary>Adds the blocks of a sum over other rows with the same features.</summary>
    public void Merge(FeatureSums other)
    {
        for (var block = 0; block < Blocks; block++)
        {
            for (var i = 0; i < _features.Length; i++)
                _sums[block][i] += other._sums[block][i];
            _counts[block] += other._counts[block];
        }
        _next += other._next;
    }

    /// <summary>The mean feature vector, scaled so that dot products estimate means of the kernel.</summary>
    public float[] Mean()
    {
        var mean = new double[_features.Length];
        foreach (var (sum, _) in FilledBlocks)
        {
            for (var i = 0; i < mean.Length; i++)
                mean[i] += sum[i];
        }
        var scale = Count == 0 ? 0 : 1 / (Count * Math.Sqrt(_features.Count));
        return [.. mean.Select(value => (float)(value * scale))];
    }
}

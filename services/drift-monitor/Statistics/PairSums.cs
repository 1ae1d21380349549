using System.Numerics.Tensors;

namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// Sums of the kernel over ordered pairs of different rows: for each column of memberships, over pairs inside the sample
/// (<see cref="Within"/>) and over pairs of a member and anyone (<see cref="WithAnyone"/>).
/// </summary>
internal sealed class PairSums
{
    private readonly Samples _all;
    private readonly Memberships _members;
    private readonly float _gamma;
    private readonly float[] _norms;
    private readonly Panels[] _rows;
    private readonly Panels[] _weights;
    private readonly Lock _gate = new();

    public PairSums(Samples all, Memberships members, double bandwidth, CancellationToken cancellationToken)
    {
        _all = all;
        _members = members;
        _gamma = (float)(1 / (2 * bandwidth * bandwidth));
        _norms = [.. Enumerable.Range(0, all.Count).Select(row => TensorPrimitives.SumOfSquares(all.Row(row)))];
        Within = new double[members.Columns];
        WithAnyone = new double[members.Columns];
        var blocks = Enumerable.Range(0, (all.Count + Panels.BlockRows - 1) / Panels.BlockRows).ToArray();
        _rows = [.. blocks.Select(block => Panels.OfRows(all.Rows(From(block), Size(block)), all.Dimensions))];
        _weights = [.. blocks.Select(block => members.PanelsOf(From(block), Size(block)))];
        Parallel.ForEach(blocks, new ParallelOptions { CancellationToken = cancellationToken }, AddRowOfBlocks);
    }

    public double[] Within { get; }

    public double[] WithAnyone { get; }

    private static int From(int block) => block * Panels.BlockRows;

    private int Size(int block) => Math.Min(Panels.BlockRows, _all.Count - From(block));

    /// <summary>The kernel is symmetric: blocks right of the diagonal are doubled and their mirror images never computed.</summary>
    private void AddRowOfBlocks(int block)
    {
        var weighted = new float[Panels.BlockRows * _weights[block].Stride];
        var kernel = new float[Panels.BlockRows * _rows[0].Stride];
        for (var right = block; right < _rows.Length; right++)
            AddBlock(block, right, kernel, weighted);
        lock (_gate)
            Collect(block, weighted);
    }

    private void AddBlock(int block, int right, float[] kernel, float[] weighted)
    {
        var stride = _rows[right].Stride;
        Array.Clear(kernel);
        _rows[right].MultiplyAdd(_all.Rows(From(block), Size(block)), _all.Dimensions, Size(block), kernel);
        for (var row = 0; row < Size(block); row++)
        {
            var line = kernel.AsSpan(row * stride, Size(right));
            ToKernel(line, _norms[From(block) + row], _norms.AsSpan(From(right), Size(right)));
            if (block == right)
                line[row] = 0;
            else
                TensorPrimitives.Multiply(line, 2, line);
        }
        _weights[right].MultiplyAdd(kernel, stride, Size(block), weighted);
    }

    /// <summary>From dot products to exp(-gamma·(|x|² + |y|² - 2x·y)).</summary>
    private void ToKernel(Span<float> dots, float norm, ReadOnlySpan<float> norms)
    {
        TensorPrimitives.Multiply(dots, 2 * _gamma, dots);
        TensorPrimitives.MultiplyAdd(norms, -_gamma, dots, dots);
        TensorPrimitives.Add(dots, -_gamma * norm, dots);
        TensorPrimitives.Min(dots, 0f, dots);
        TensorPrimitives.Exp(dots, dots);
    }

    private void Collect(int block, float[] weighted)
    {
        var stride = _weights[block].Stride;
        for (var row = 0; row < Size(block); row++)
        {
            var line = weighted.AsSpan(row * stride, _members.Columns);
            var own = _members.Row(From(block) + row);
            for (var column = 0; column < _members.Columns; column++)
            {
                Within[column] += own[column] * (double)line[column];
                WithAnyone[column] += (own[column] * (double)line[Memberships.Everyone] + line[column]) / 2;
            }
        }
    }
}

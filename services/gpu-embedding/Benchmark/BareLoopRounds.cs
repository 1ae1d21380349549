using Millrace.Inference.Benchmark;
using Millrace.Inference.Sessions;

namespace Millrace.GpuEmbedding.Benchmark;

/// <summary>One way to run the bare loop, at the batch size that is best for it, and the seconds that its rounds took.</summary>
internal sealed class BareLoopRounds
{
    private static readonly int[] BatchSizes = [1, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];
    private const int BatchesOfAProbe = 2;
    private const int CpuBatch = 128;
    private readonly BareLoop _loop;
    private readonly IReadOnlyList<int[]> _sorted;
    private readonly IReadOnlyList<int[]> _arrival;
    private readonly Func<Action, double> _seconds;
    private readonly List<double> _ofSorted = [];
    private readonly List<double> _ofArrival = [];

    /// <param name="sorted">Ids of the texts, shortest first.</param>
    /// <param name="arrival">The same texts in the order in which they arrive.</param>
    /// <param name="seconds">Runs an action and tells what it took.</param>
    public BareLoopRounds(BareLoop loop, IReadOnlyList<int[]> sorted, IReadOnlyList<int[]> arrival, Func<Action, double> seconds)
    {
        (_loop, _sorted, _arrival, _seconds) = (loop, sorted, arrival, seconds);
        BatchSize = BestBatchSize();
    }

    public int BatchSize { get; }

    public int Streams => _loop.Streams;

    /// <summary>Median of the rounds, texts sorted.</summary>
    public double Sorted => Medians.Of(_ofSorted);

    /// <summary>Median of the rounds, texts as they arrive.</summary>
    public double Arrival => Medians.Of(_ofArrival);

    public void Round()
    {
        _ofSorted.Add(_seconds(() => _loop.Run(_sorted, BatchSize)));
        _ofArrival.Add(_seconds(() => _loop.Run(_arrival, BatchSize)));
    }

    /// <summary>
    /// On a sample, each size twice: the first run of a size pays for its memory. A CPU is at its best long before it has 128 texts.
    /// </summary>
    private int BestBatchSize()
    {
        var sizes = BatchSizes.Where(size => !_loop.IsOnCpu || size <= CpuBatch).ToList();
        var step = Math.Max(1, _sorted.Count / (BatchesOfAProbe * sizes[^1] * _loop.Streams));
        var sample = _sorted.Where((_, i) => i % step == 0).ToList();
        return sizes.Where(size => size <= sample.Count).MinBy(size => Probe(sample, size));
    }

    private double Probe(List<int[]> sample, int size)
    {
        try
        {
            _loop.Run(sample, size);
            return _seconds(() => _loop.Run(sample, size));
        }
        catch (Exception error) when (error is DeviceMemoryException or AggregateException { InnerException: DeviceMemoryException })
        {
            return double.PositiveInfinity;
        }
    }
}

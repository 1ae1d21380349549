using Millrace.Inference.Batching;
using Millrace.Inference.Benchmark;
using Millrace.Inference.Models;
using Millrace.Inference.Tokenizers;

namespace Millrace.GpuEmbedding.Benchmark;

/// <summary>The rounds of one benchmark and their times.</summary>
internal sealed class EmbedBenchmarkRun
{
    private static readonly int[] BatchSizes = [1, 4, 8, 16, 32, 64, 128];
    private const int ProbeTexts = 256;
    private const int TokenizePasses = 8;
    private readonly TextEmbedderModel _model;
    private readonly BareLoop _loop;
    private readonly IReadOnlyList<string> _texts;
    private readonly int _inFlight;
    private readonly TimeProvider _time;
    private readonly int[][] _arrival;
    private readonly int[][] _sorted;
    private readonly long _tokens;
    private readonly List<double> _ours = [];
    private readonly List<double> _bareSorted = [];
    private readonly List<double> _bareArrival = [];
    private readonly BatchCounts _before;
    private int _batchSize = BatchSizes[0];

    public EmbedBenchmarkRun(TextEmbedderModel model, BareLoop loop, IReadOnlyList<string> texts, int inFlight, TimeProvider time)
    {
        (_model, _loop, _texts, _inFlight, _time) = (model, loop, texts, inFlight, time);
        var limit = new TokenLimit(model.MaxTokens);
        _arrival = [.. texts.Select(text => model.Tokenizer.Encode(text, limit).Ids)];
        _sorted = [.. _arrival.OrderBy(row => row.Length)];
        _tokens = _arrival.Sum(row => (long)row.Length);
        _before = model.Engine.Counts;
    }

    /// <summary>On a sample, each size twice: the first run of a size pays for its memory.</summary>
    public void FindBatchSize()
    {
        var step = Math.Max(1, _sorted.Length / ProbeTexts);
        var sample = _sorted.Where((_, i) => i % step == 0).ToList();
        _batchSize = BatchSizes.MinBy(size =>
        {
            _loop.Run(sample, size);
            return Seconds(() => _loop.Run(sample, size));
        });
    }

    /// <summary>A round that does not count: code of ours is compiled in it, that of the bare loop is native.</summary>
    public Task WarmUpAsync(CancellationToken cancellationToken) => EmbedAllAsync(cancellationToken);

    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        await EmbedAllAsync(cancellationToken);
        _ours.Add(_time.GetElapsedTime(started).TotalSeconds);
        _bareSorted.Add(Seconds(() => _loop.Run(_sorted, _batchSize)));
        _bareArrival.Add(Seconds(() => _loop.Run(_arrival, _batchSize)));
    }

    public EmbedBenchmarkResult Result(EmbedBenchmarkOptions options)
    {
        var counts = _model.Engine.Counts;
        var (ours, sorted, arrival) = (Median(_ours), Median(_bareSorted), Median(_bareArrival));
        double tokens = counts.Tokens - _before.Tokens;
        return new EmbedBenchmarkResult(
            _model.Name, _model.Revision, _model.Engine.Devices, _model.Engine.Streams, Environment.ProcessorCount, options.Rounds, _texts.Count,
            _model.Engine.Limits.MaxTokens, _texts.Count / ours, _tokens / ours, _texts.Count / sorted, _batchSize, sorted / ours,
            arrival / ours, 1 - (tokens / (counts.PaddedTokens - _before.PaddedTokens)),
            (counts.Texts - _before.Texts) / (double)(counts.Batches - _before.Batches),
            TokenizeTokensPerSecond(options.Texts), Environment.WorkingSet / 1048576.0);
    }

    /// <summary>The best of some passes over all texts: in the first ones the code is not yet compiled for speed.</summary>
    private double TokenizeTokensPerSecond(IReadOnlyList<string> texts)
    {
        var limit = new TokenLimit(_model.MaxTokens);
        return Enumerable.Range(0, TokenizePasses).Max(_ =>
        {
            var tokens = 0L;
            var seconds = Seconds(() => tokens = texts.Sum(text => (long)_model.Tokenizer.Encode(text, limit).Ids.Length));
            return tokens / seconds;
        });
    }

    private async Task EmbedAllAsync(CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(_inFlight);
        var running = new List<Task>(_texts.Count);
        foreach (var text in _texts)
        {
            await places.WaitAsync(cancellationToken);
            running.Add(EmbedAsync(text, places, cancellationToken));
        }
        await Task.WhenAll(running);
    }

    private async Task EmbedAsync(string text, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        await _model.EmbedAsync(text, default, cancellationToken);
        places.Release();
    }

    private double Seconds(Action action)
    {
        var started = _time.GetTimestamp();
        action();
        return _time.GetElapsedTime(started).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

using Millrace.Inference.Batching;
using Millrace.Inference.Benchmark;
using Millrace.Inference.Models;
using Millrace.Inference.Tokenizers;

namespace Millrace.GpuEmbedding.Benchmark;

/// <summary>The rounds of one benchmark and their times.</summary>
internal sealed class EmbedBenchmarkRun
{
    private const int TokenizePasses = 8;
    private readonly TextEmbedderModel _model;
    private readonly IReadOnlyList<BareLoopRounds> _bare;
    private readonly IReadOnlyList<string> _texts;
    private readonly int _inFlight;
    private readonly TimeProvider _time;
    private readonly long _tokens;
    private readonly List<double> _ours = [];
    private readonly BatchCounts _before;

    /// <summary>Also looks for the batch size that is best for each of the loops.</summary>
    public EmbedBenchmarkRun(TextEmbedderModel model, IReadOnlyList<BareLoop> loops, IReadOnlyList<string> texts, int inFlight, TimeProvider time)
    {
        (_model, _texts, _inFlight, _time) = (model, texts, inFlight, time);
        var limit = new TokenLimit(model.MaxTokens);
        int[][] arrival = [.. texts.Select(text => model.Tokenizer.Encode(text, limit).Ids)];
        int[][] sorted = [.. arrival.OrderBy(row => row.Length)];
        _tokens = arrival.Sum(row => (long)row.Length);
        _bare = [.. loops.Select(loop => new BareLoopRounds(loop, sorted, arrival, Seconds))];
        _before = model.Engine.Counts;
    }

    /// <summary>A round that does not count: code of ours is compiled in it, that of the bare loop is native.</summary>
    public Task WarmUpAsync(CancellationToken cancellationToken) => EmbedAllAsync(cancellationToken);

    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        await EmbedAllAsync(cancellationToken);
        _ours.Add(_time.GetElapsedTime(started).TotalSeconds);
        foreach (var loop in _bare)
            loop.Round();
    }

    public EmbedBenchmarkResult Result(EmbedBenchmarkOptions options)
    {
        var counts = _model.Engine.Counts;
        var ours = Medians.Of(_ours);
        var best = _bare.MinBy(loop => loop.Sorted)!;
        double tokens = counts.Tokens - _before.Tokens;
        return new EmbedBenchmarkResult(
            _model.Name, _model.Revision, _model.Engine.Devices, _model.Engine.Streams, Environment.ProcessorCount, options.Rounds, _texts.Count,
            _model.Engine.Limits.MaxTokens, _texts.Count / ours, _tokens / ours, _texts.Count / best.Sorted, best.BatchSize, best.Streams,
            best.Sorted / ours, _bare.Min(loop => loop.Arrival) / ours, 1 - (tokens / (counts.PaddedTokens - _before.PaddedTokens)),
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
}

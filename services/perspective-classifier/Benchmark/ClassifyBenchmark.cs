using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Perspective;

namespace Millrace.PerspectiveClassifier.Benchmark;

/// <summary>
/// How much of a quota the provider <c>perspective</c> uses, and what it does about refusals and outages. Stands in for the manager:
/// a throttled post holds back all that wait, a failed one is tried again, and no post is given up before the patience is over.
/// </summary>
public sealed class ClassifyBenchmark
{
    private const double SettlingSeconds = 10;

    private readonly ClassifyBenchmarkOptions _options;
    private readonly TimeProvider _clock;
    private readonly BenchmarkTally _tally;
    private long _heldUntil;
    private int _next;

    public ClassifyBenchmark(ClassifyBenchmarkOptions options, TimeProvider? clock = null)
    {
        _options = options;
        _clock = clock ?? TimeProvider.System;
        _tally = new BenchmarkTally(_clock, TimeSpan.FromSeconds(Math.Max(SettlingSeconds, 2 * options.QuotaWindowSeconds)));
    }

    /// <summary>Sends posts for the time given, then waits until the last of them has ended.</summary>
    /// <param name="progress">Posts labelled so far, about once a second; may be null.</param>
    public async Task<ClassifyBenchmarkReport> RunAsync(IProgress<int>? progress, CancellationToken cancellationToken, ILogger? logger = null)
    {
        using var meters = new BenchmarkMeters();
        using var answers = new MeterListener();
        answers.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name is ClassifierMetrics.LatencyName or ClassifierMetrics.AnswersName)
                listener.EnableMeasurementEvents(instrument);
        };
        answers.SetMeasurementEventCallback<double>((_, took, _, _) => _tally.CallTook(took));
        answers.SetMeasurementEventCallback<long>((_, _, tags, _) => _tally.Answered((int)tags[0].Value!));
        answers.Start();
        using var provider = new PerspectiveProvider(
            new PerspectiveOptions
            {
                BaseUrl = _options.BaseUrl,
                ApiKey = _options.ApiKey,
                QuotaPermits = _options.QuotaPermits,
                QuotaWindowSeconds = _options.QuotaWindowSeconds,
                MaxConcurrentCalls = _options.Concurrency,
            },
            ["TOXICITY"],
            _clock,
            new ClassifierMetrics(meters),
            logger ?? NullLogger.Instance);
        var end = _clock.GetTimestamp() + Units(_options.DurationSeconds);
        await using var ticking = _clock.CreateTimer(_ => progress?.Report(_tally.Labelled), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, _options.Concurrency).Select(_ => SendAsync(provider, end, cancellationToken)));
        return _tally.Report(_next, _options.QuotaPermits / _options.QuotaWindowSeconds);
    }

    private async Task SendAsync(PerspectiveProvider provider, long end, CancellationToken cancellationToken)
    {
        var last = end + Units(_options.PatienceSeconds);
        while (_clock.GetTimestamp() < end)
        {
            var number = Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture);
            await EndAsync(provider, new PostToClassify(number, $"Post number {number} of the measurement.", "en"), last, cancellationToken);
        }
    }

    private async Task EndAsync(PerspectiveProvider provider, PostToClassify post, long last, CancellationToken cancellationToken)
    {
        while (_clock.GetTimestamp() < last)
        {
            if (_clock.GetElapsedTime(_clock.GetTimestamp(), Math.Min(last, Volatile.Read(ref _heldUntil))) is var held && held > TimeSpan.Zero)
                await Task.Delay(held, _clock, cancellationToken);
            var found = (await provider.ClassifyAsync([post], cancellationToken))[0];
            _tally.Count(found);
            if (found is PostClassification.Labelled or PostClassification.Unlabelled)
                return;
            if (found is PostClassification.Throttled throttled)
                Volatile.Write(ref _heldUntil, _clock.GetTimestamp() + Units(throttled.RetryAfter.TotalSeconds));
            else
                await Task.Delay(TimeSpan.FromSeconds(1), _clock, cancellationToken);
        }
    }

    private long Units(double seconds) => (long)(seconds * _clock.TimestampFrequency);

    private sealed class BenchmarkMeters : IMeterFactory
    {
        private readonly List<Meter> _made = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            _made.Add(meter);
            return meter;
        }

        public void Dispose() => _made.ForEach(meter => meter.Dispose());
    }
}

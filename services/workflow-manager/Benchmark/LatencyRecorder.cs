using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Listens to the results of a run; a latency counts from the moment at which its post was due.</summary>
internal sealed class LatencyRecorder : IAsyncDisposable
{
    private readonly double[] _milliseconds;
    private readonly string _run;
    private readonly double _rate;
    private readonly long _started;
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IAsyncDisposable? _consumer;
    private int _count;

    private LatencyRecorder(string run, PipelineBenchmarkOptions options, long started)
    {
        (_run, _rate, _started) = (run, options.RatePerSecond, started);
        _milliseconds = new double[options.Requests];
    }

    public static async Task<LatencyRecorder> StartAsync(
        IMessageBus bus, string workflow, string run, PipelineBenchmarkOptions options, long started, CancellationToken cancellationToken)
    {
        var recorder = new LatencyRecorder(run, options, started);
        recorder._consumer = await bus.ConsumeAsync(
            new ConsumerOptions { Queue = "bench-results-" + run, Bindings = [(Wire.ResultsExchange, workflow + ".*")], Durable = false },
            recorder.RecordAsync, cancellationToken);
        return recorder;
    }

    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        await _all.Task.WaitAsync(limit, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <param name="fromSecond">Posts that were due earlier are left out.</param>
    public Spread? SpreadFrom(double fromSecond) => Spread.Of(_milliseconds.Skip((int)(fromSecond * _rate)).Where(value => value > 0));

    public ValueTask DisposeAsync() => _consumer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task RecordAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        using var result = JsonDocument.Parse(message.Body);
        var parts = result.RootElement.GetProperty("key").GetString()!.Split('-');
        if (parts[0] == _run && int.Parse(parts[1], CultureInfo.InvariantCulture) is var post && _milliseconds[post] == 0)
        {
            _milliseconds[post] = Math.Max(0.001, (Stopwatch.GetElapsedTime(_started) - TimeSpan.FromSeconds(post / _rate)).TotalMilliseconds);
            if (Interlocked.Increment(ref _count) == _milliseconds.Length)
                _all.TrySetResult();
        }
        return Task.CompletedTask;
    }
}

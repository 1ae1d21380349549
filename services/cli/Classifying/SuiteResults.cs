using System.Diagnostics;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Cli.Classifying;

/// <summary>Listens to the results of a run.</summary>
internal sealed class SuiteResults(int expected) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _ended = new(expected);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _started = Stopwatch.GetTimestamp();
    private IAsyncDisposable? _consumer;
    private TimeSpan _first;
    private TimeSpan _last;
    private int _labelled;
    private int _unlabelled;

    public int Ended
    {
        get
        {
            lock (_lock)
                return _ended.Count;
        }
    }

    public int Labelled => Volatile.Read(ref _labelled);

    /// <summary>Posts with a record that says why they are not labelled.</summary>
    public int Unlabelled => Volatile.Read(ref _unlabelled);

    /// <summary>Posts that did not end as they must: without a result, failed, or unlabelled although each can be labelled.</summary>
    public int Lost(bool allCanBeLabelled) => expected - Labelled - (allCanBeLabelled ? 0 : Unlabelled);

    /// <summary>From the start to the last result.</summary>
    public double Seconds => _last.TotalSeconds;

    public double PerSecond => _last > _first ? (Ended - 1) / (_last - _first).TotalSeconds : 0;

    public static async Task<SuiteResults> ListenAsync(IMessageBus bus, string workflow, string run, int expected, CancellationToken cancellationToken)
    {
        var results = new SuiteResults(expected);
        results._consumer = await bus.ConsumeAsync(
            new ConsumerOptions { Queue = $"{workflow}-results-{run}", Bindings = [(Wire.ResultsExchange, workflow + ".*")], Durable = false },
            (message, _) => results.CountAsync(message, run),
            cancellationToken);
        return results;
    }

    /// <summary>Until all have come, or none has for so long.</summary>
    public async Task WaitAsync(TimeSpan longestSilence, CancellationToken cancellationToken)
    {
        for (var before = -1; before < Ended && !_all.Task.IsCompleted;)
        {
            before = Ended;
            await _all.Task.WaitAsync(longestSilence, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        cancellationToken.ThrowIfCancellationRequested();
    }

    public ValueTask DisposeAsync() => _consumer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task CountAsync(IncomingMessage message, string run)
    {
        using var view = JsonDocument.Parse(message.Body);
        var key = view.RootElement.GetProperty("key").GetString()!;
        if (!key.StartsWith(run, StringComparison.Ordinal))
            return Task.CompletedTask;
        var record = view.RootElement.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Object
            && result.TryGetProperty("was_successfully_labeled", out var flag) ? flag.ValueKind : JsonValueKind.Undefined;
        lock (_lock)
        {
            if (!_ended.Add(key))
                return Task.CompletedTask;
            _last = Stopwatch.GetElapsedTime(_started);
            _first = _ended.Count == 1 ? _last : _first;
            _labelled += record == JsonValueKind.True ? 1 : 0;
            _unlabelled += record == JsonValueKind.False ? 1 : 0;
            if (_ended.Count == expected)
                _all.TrySetResult();
        }
        return Task.CompletedTask;
    }
}

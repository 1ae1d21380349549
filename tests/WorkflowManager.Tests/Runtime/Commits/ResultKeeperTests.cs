using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Storage.Documents;
using Millrace.WorkflowManager.Runtime;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime.Commits;

/// <summary>Outputs on their way into the result cache.</summary>
public sealed class ResultKeeperTests : IDisposable
{
    private readonly HeldResults _results = new();
    private readonly RuntimeMeter _meter = new();
    private readonly MeterListener _listener = new();
    private readonly List<string> _dropped = [];
    private readonly ResultKeeper _keeper;

    public ResultKeeperTests()
    {
        _keeper = new ResultKeeper(_results, _meter, NullLogger<ResultKeeper>.Instance);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter.Meter && instrument.Name == "millrace.cache.dropped")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            lock (_dropped)
                _dropped.Add($"{tags[0].Value} {count}");
        });
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task What_comes_while_the_store_writes_is_written_next()
    {
        _keeper.Keep([Result("first")]);
        await _results.Begun.WaitAsync(TestContext.Current.CancellationToken);
        _keeper.Keep([Result("second"), Result("third")]);
        _keeper.Keep([Result("third"), Result("fourth")]);
        _results.LetGo();
        await _keeper.Writing;

        Assert.Equal(["first", "fourth", "second", "third"], _results.Keys.Order());
        Assert.Empty(_dropped);
        _keeper.Keep([Result("later")]);
        await _keeper.Writing;
        Assert.Contains("later", _results.Keys);
    }

    [Fact]
    public async Task What_is_too_large_or_finds_no_room_is_dropped_by_itself_and_counted()
    {
        _keeper.Keep([Result("first")]);
        await _results.Begun.WaitAsync(TestContext.Current.CancellationToken);
        _keeper.Keep([Result("large", ResultKeeper.MaxBodyBytes + 1)]);
        _keeper.Keep([.. Enumerable.Range(0, ResultKeeper.MaxWaiting + 1).Select(index => Result($"{index}"))]);
        _results.LetGo();
        await _keeper.Writing;

        Assert.Equal(ResultKeeper.MaxWaiting + 1, _results.Keys.Count);
        Assert.Equal(["too_large 1", "full 1"], _dropped);
    }

    [Fact]
    public async Task A_write_that_fails_is_counted_and_the_next_is_made()
    {
        _results.Fails = true;
        _keeper.Keep([Result("first")]);
        await _results.Begun.WaitAsync(TestContext.Current.CancellationToken);
        _keeper.Keep([Result("second")]);
        _results.LetGo();
        await _keeper.Writing;

        Assert.Equal(["second"], _results.Keys);
        Assert.Equal(["store 1"], _dropped);
    }

    private static CachedResult Result(string key, int bytes = 2) => new(key, new byte[bytes], DateTimeOffset.MaxValue);

    /// <summary>Holds the first write until it is let go.</summary>
    private sealed class HeldResults : IResultCache
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public List<string> Keys { get; } = [];

        /// <summary>The first write fails.</summary>
        public bool Fails { get; set; }

        public void LetGo() => _free.SetResult();

        public async Task PutAsync(IReadOnlyList<CachedResult> results, CancellationToken cancellationToken)
        {
            var isFirst = _begun.TrySetResult();
            await _free.Task;
            if (isFirst && Fails)
                throw new IOException("the disk is full");
            Keys.AddRange(results.Select(result => result.Key));
        }

        public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(
            IReadOnlyList<string> keys, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

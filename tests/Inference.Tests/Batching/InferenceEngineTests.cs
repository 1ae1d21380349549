using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Inference.Batching;
using Millrace.Inference.Sessions;

namespace Millrace.Inference.Tests.Batching;

public sealed class InferenceEngineTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Every_text_gets_its_own_row_whatever_batch_it_was_in()
    {
        await using var engine = Engine(new FaultySession());
        var results = await Task.WhenAll(Enumerable.Range(1, 3_000).Select(id => engine.RunAsync(Text(id, 1 + (id % 50)), None)));
        Assert.Equal(Enumerable.Range(1, 3_000).Select(id => (float)id), results.Select(result => result.Values.Span[0]));
        Assert.Equal(3_000, engine.Counts.Texts);
        Assert.InRange(engine.Counts.PaddingShare, 0, 0.25);
        Assert.All(results, result => Assert.True(result.QueueMs >= 0 && result.InferenceMs >= 0));
    }

    [Fact]
    public async Task One_text_more_than_the_limit_is_refused_at_once_and_the_others_are_answered()
    {
        var session = new FaultySession();
        await using var engine = Engine(session, new EngineOptions { QueueLimitItems = 4, MaxBatchItems = 1 });
        session.Close();
        var accepted = new List<Task<InferenceResult>> { engine.RunAsync(Text(1), None) };
        await session.Entered.WaitAsync(None);
        OverloadedException? overload = null;
        for (var id = 2; overload is null; id++)
            overload = Try(() => accepted.Add(engine.RunAsync(Text(id), None)));
        Assert.InRange(accepted.Count, 5, 8);
        Assert.InRange(overload.RetryAfter.TotalSeconds, 1, 60);
        session.Open();
        await Task.WhenAll(accepted);
        Assert.Equal(7f, (await engine.RunAsync(Text(7), None)).Values.Span[0]);
    }

    [Fact]
    public async Task Work_that_nobody_waits_for_is_not_run()
    {
        var session = new FaultySession();
        await using var engine = Engine(session, new EngineOptions { MaxBatchItems = 1 });
        session.Close();
        var running = engine.RunAsync(Text(1), None);
        await session.Entered.WaitAsync(None);
        using var gone = new CancellationTokenSource();
        var dropped = Enumerable.Range(100, 20).Select(id => engine.RunAsync(Text(id), gone.Token)).ToList();
        var kept = engine.RunAsync(Text(2), None);
        await gone.CancelAsync();
        session.Open();
        await Task.WhenAll(running, kept);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(dropped));
        Assert.DoesNotContain(session.Batches, batch => batch[0] >= 100);
    }

    [Fact]
    public async Task A_batch_that_does_not_fit_is_run_in_halves_and_later_batches_are_smaller()
    {
        var session = new FaultySession { MemoryTokens = 400 };
        await using var engine = Engine(session, new EngineOptions { MaxBatchTokens = 3_000, MaxBatchItems = 300 });
        var first = await Task.WhenAll(Enumerable.Range(1, 500).Select(id => engine.RunAsync(Text(id, 10), None)));
        Assert.Equal(Enumerable.Range(1, 500).Select(id => (float)id), first.Select(result => result.Values.Span[0]));
        var before = session.Batches.Count;
        await Task.WhenAll(Enumerable.Range(1, 500).Select(id => engine.RunAsync(Text(id, 10), None)));
        Assert.All(session.Batches.Skip(before), batch => Assert.InRange(batch.Length * 10, 1, 400));
        Assert.Null(engine.LastFailure);
    }

    [Fact]
    public async Task A_text_that_fits_in_no_memory_fails_alone()
    {
        await using var engine = Engine(new FaultySession { MemoryTokens = 100 });
        var large = engine.RunAsync(Text(1, 101), None);
        var small = engine.RunAsync(Text(2, 100), None);
        await Assert.ThrowsAsync<DeviceMemoryException>(() => large);
        Assert.Equal(2f, (await small).Values.Span[0]);
    }

    [Fact]
    public async Task A_text_that_breaks_the_runtime_fails_alone()
    {
        var session = new FaultySession { PoisonId = 13 };
        await using var engine = Engine(session);
        session.Close();
        var first = engine.RunAsync(Text(99), None);
        await session.Entered.WaitAsync(None);
        var runs = Enumerable.Range(1, 40).Select(id => engine.RunAsync(Text(id), None)).ToList();
        session.Open();
        await first;
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => runs[12]);
        Assert.Equal("poison", error.Message);
        runs.RemoveAt(12);
        Assert.Equal(39, (await Task.WhenAll(runs)).Length);
    }

    [Fact]
    public async Task A_text_without_a_number_fails_alone()
    {
        await using var engine = Engine(new FaultySession { NanId = 5 });
        var runs = Enumerable.Range(1, 10).Select(id => engine.RunAsync(Text(id), None)).ToList();
        await Assert.ThrowsAsync<NonFiniteOutputException>(() => runs[4]);
        runs.RemoveAt(4);
        Assert.DoesNotContain(await Task.WhenAll(runs), result => float.IsNaN(result.Values.Span[0]));
    }

    [Fact]
    public async Task Several_devices_share_the_queue_each_on_a_thread_of_its_own()
    {
        FaultySession[] sessions = [new("test:0"), new("test:1")];
        await using var engine = new InferenceEngine(
            sessions, new EngineOptions { MaxBatchItems = 1 }, TimeProvider.System, NullLogger<InferenceEngine>.Instance);
        Assert.Equal(["test:0", "test:1"], engine.Devices);
        Array.ForEach(sessions, session => session.Close());
        var runs = Enumerable.Range(1, 10).Select(id => engine.RunAsync(Text(id), None)).ToList();
        await Task.WhenAll(sessions.Select(session => session.Entered.WaitAsync(None)));
        Array.ForEach(sessions, session => session.Open());
        await Task.WhenAll(runs);
        Assert.NotEqual(sessions[0].ThreadId, sessions[1].ThreadId);
    }

    [Fact]
    public async Task Stopping_finishes_what_runs_cancels_what_waits_and_frees_the_device()
    {
        var session = new FaultySession();
        var engine = Engine(session, new EngineOptions { MaxBatchItems = 1 });
        session.Close();
        var running = engine.RunAsync(Text(1), None);
        await session.Entered.WaitAsync(None);
        var waiting = Enumerable.Range(2, 50).Select(id => engine.RunAsync(Text(id), None)).ToList();
        var stopping = engine.DisposeAsync().AsTask();
        session.Open();
        await stopping;
        Assert.Equal(1f, (await running).Values.Span[0]);
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting[^1]);
        Assert.All(waiting, run => Assert.True(run.IsCompleted));
        Assert.True(session.IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.RunAsync(Text(1), None));
    }

    private static InferenceEngine Engine(FaultySession session, EngineOptions? options = null) =>
        new([session], options ?? new EngineOptions(), TimeProvider.System, NullLogger<InferenceEngine>.Instance);

    private static int[] Text(int id, int length = 4)
    {
        var ids = new int[length];
        ids[0] = id;
        return ids;
    }

    private static OverloadedException? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (OverloadedException overload)
        {
            return overload;
        }
    }
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Millrace.Inference.Sessions;

namespace Millrace.Inference.Batching;

/// <summary>
/// Runs texts through a model: queue -> one batch prepared ahead per device -> one thread per device -> replies on other threads.
/// </summary>
/// <remarks>The shape is that of Hugging Face's text-embeddings-inference.</remarks>
public sealed class InferenceEngine : IAsyncDisposable
{
    private readonly WaitingTexts _waiting;
    private readonly BatchBudget _budget;
    private readonly BatchMeter _meter;
    private readonly TimeProvider _time;
    private readonly Channel<List<PendingText>> _prepared;
    private readonly Channel<FinishedBatch> _finished;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<DeviceThread> _devices;
    private readonly Task _planning;
    private readonly Task _replying;
    private readonly int _queueLimit;
    private int _disposed;

    /// <param name="sessions">One a device, or more where batches run side by side on it; each owned by the engine from now on; at least one.</param>
    public InferenceEngine(
        IReadOnlyList<IModelSession> sessions, EngineOptions options, TimeProvider time, ILogger<InferenceEngine> logger)
    {
        _time = time;
        _meter = new BatchMeter(sessions.Count);
        _queueLimit = options.QueueLimitItems;
        _waiting = new WaitingTexts(options.QueueLimitItems);
        _budget = new BatchBudget(options.LimitsFor(sessions.Any(session => session.Device != "cpu")));
        _prepared = Channel.CreateBounded<List<PendingText>>(sessions.Count);
        _finished = Channel.CreateBounded<FinishedBatch>(new BoundedChannelOptions(2 * sessions.Count) { SingleReader = true });
        _devices = [.. sessions.Select(session => new DeviceThread(session, _prepared.Reader, _finished.Writer, _budget, _meter, time, logger))];
        _planning = Task.Run(PlanAsync);
        _replying = Task.Run(ReplyAsync);
    }

    /// <summary>Each once, however many batches run on it side by side.</summary>
    public IReadOnlyList<string> Devices => [.. _devices.Select(device => device.Name).Distinct()];

    /// <summary>Batches that can run at one time.</summary>
    public int Streams => _devices.Count;

    /// <summary>Texts that wait for a device now.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>The limits that batches are planned by now.</summary>
    public BatchLimits Limits => _budget.Current;

    /// <summary>What the devices have done so far.</summary>
    public BatchCounts Counts => _meter.Counts;

    /// <summary>The error of the last batch if it failed; null after one that worked. Health goes by it.</summary>
    public Exception? LastFailure => _meter.LastFailure;

    /// <summary>Queues a text. Nothing is awaited before it is queued or refused.</summary>
    /// <param name="ids">With special tokens; the array is not copied.</param>
    /// <param name="cancellationToken">Takes the text out of the queue; a batch that runs already is not stopped.</param>
    /// <exception cref="OverloadedException">Too many wait already.</exception>
    public Task<InferenceResult> RunAsync(int[] ids, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        cancellationToken.ThrowIfCancellationRequested();
        var text = new PendingText(ids, _time.GetTimestamp(), cancellationToken);
        if (!_waiting.TryAdd(text))
            throw new OverloadedException(_queueLimit, _meter.TimeFor(_queueLimit / 2));
        return text.Reply;
    }

    /// <summary>Finishes the batches that run or are prepared; what still waits is cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _waiting.Close();
        await _stopping.CancelAsync();
        await _planning;
        _prepared.Writer.Complete();
        foreach (var device in _devices)
            await device.Completion;
        _finished.Writer.Complete();
        await _replying;
        _stopping.Dispose();
    }

    /// <summary>A batch is chosen when there is room for it and not before, so that it is chosen among all that wait by then.</summary>
    private async Task PlanAsync()
    {
        try
        {
            while (await _waiting.WaitAsync(_stopping.Token) && await _prepared.Writer.WaitToWriteAsync(_stopping.Token))
            {
                var batch = _waiting.TakeNext(_budget.Current);
                if (batch.Count > 0)
                    await _prepared.Writer.WriteAsync(batch, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The engine is closing.
        }
        foreach (var text in _waiting.Drain())
            text.Fail(new OperationCanceledException("The engine was stopped before this text was run."));
    }

    private async Task ReplyAsync()
    {
        await foreach (var batch in _finished.Reader.ReadAllAsync(CancellationToken.None))
            BatchReplies.Send(batch, _time);
    }
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Millrace.Inference.Sessions;

namespace Millrace.Inference.Batching;

/// <summary>The one thread that calls a session. It does nothing but run batches.</summary>
internal sealed partial class DeviceThread
{
    private readonly IModelSession _session;
    private readonly ChannelReader<List<PendingText>> _prepared;
    private readonly ChannelWriter<FinishedBatch> _finished;
    private readonly BatchBudget _budget;
    private readonly BatchMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DeviceThread(
        IModelSession session, ChannelReader<List<PendingText>> prepared, ChannelWriter<FinishedBatch> finished,
        BatchBudget budget, BatchMeter meter, TimeProvider time, ILogger logger)
    {
        (_session, _prepared, _finished, _budget, _meter, _time, _logger) = (session, prepared, finished, budget, meter, time, logger);
        Name = session.Device;
        new Thread(Loop) { IsBackground = true, Name = $"inference {Name}" }.Start();
    }

    public string Name { get; }

    /// <summary>Done when the last batch has run and the session is freed.</summary>
    public Task Completion => _completion.Task;

    private void Loop()
    {
        while (_prepared.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_prepared.TryRead(out var batch))
                Run(batch);
        }
        _session.Dispose();
        _completion.SetResult();
    }

    /// <summary>
    /// A batch that fails is run again in halves, so that a lack of memory ends in smaller batches and a bad text fails alone.
    /// </summary>
    private void Run(List<PendingText> batch)
    {
        batch.RemoveAll(text => text.IsDropped);
        if (batch.Count == 0)
            return;
        var started = _time.GetTimestamp();
        try
        {
            var output = _session.Run([.. batch.Select(text => text.Ids)]);
            var ended = _time.GetTimestamp();
            _meter.Ran(batch, _time.GetElapsedTime(started, ended));
            Finish(new FinishedBatch(batch, started, ended, output, null));
        }
        // The device's thread outlives whatever a runtime throws; the callers get it.
        catch (Exception error)
        {
            _meter.Failed(error);
            if (error is DeviceMemoryException)
                LogNoMemory(Name, batch.Count, _budget.Shrink(batch.Max(text => text.Tokens) * batch.Count));
            else
                LogFailed(error, Name, batch.Count);
            if (batch.Count == 1)
                Finish(new FinishedBatch(batch, started, _time.GetTimestamp(), null, error));
            else
                RunHalves(batch);
        }
    }

    private void RunHalves(List<PendingText> batch)
    {
        var half = batch.Count / 2;
        Run(batch[..half]);
        Run(batch[half..]);
    }

    /// <summary>Waits if replies lag behind: results are never piled up without a limit.</summary>
    private void Finish(FinishedBatch batch)
    {
        if (!_finished.TryWrite(batch))
            _finished.WriteAsync(batch).AsTask().GetAwaiter().GetResult();
    }

    [LoggerMessage(LogLevel.Warning, "{Device} has no memory for a batch of {Texts} texts; running it in halves, and batches of at most {MaxBatchTokens} tokens from now on")]
    private partial void LogNoMemory(string device, int texts, int maxBatchTokens);

    [LoggerMessage(LogLevel.Error, "A batch of {Texts} texts failed on {Device}; the text at fault will fail alone")]
    private partial void LogFailed(Exception error, string device, int texts);
}

using Microsoft.Extensions.Logging;

namespace Millrace.Inference.Sessions;

/// <summary>
/// Decides how the cores are used: all of them for one batch at a time, or one batch a core. A batch of a light model is over before
/// its threads have met, and threads that wait for the next one spin on cores that tokenizing and replies could use.
/// </summary>
internal sealed partial class CpuStreams(ILogger<CpuStreams> logger)
{
    /// <summary>A full batch, run by all cores, that takes less makes a model a light one.</summary>
    internal static readonly TimeSpan LightBatch = TimeSpan.FromMilliseconds(5);

    /// <param name="whole">The session that has all cores; returned, or disposed of.</param>
    /// <param name="options">May name the number of streams.</param>
    /// <param name="fullBatch">What a full batch takes on <paramref name="whole"/>.</param>
    /// <param name="open">Loads the model with so many threads for one run.</param>
    /// <returns>Sessions that can run at the same time, over one copy of the model.</returns>
    public IReadOnlyList<IModelSession> Split(OnnxSession whole, InferenceOptions options, TimeSpan fullBatch, Func<int, OnnxSession> open)
    {
        var cores = Environment.ProcessorCount;
        var streams = Count(options, fullBatch, cores);
        if (streams == 1)
            return [whole];
        whole.Dispose();
        var threads = Threads(options, streams, cores);
        var first = open(threads);
        LogStreams(streams, threads, fullBatch.TotalMilliseconds);
        return [first, .. Enumerable.Range(1, streams - 1).Select(_ => first.Beside())];
    }

    internal static int Count(InferenceOptions options, TimeSpan fullBatch, int cores)
    {
        if (options.CpuStreams > 0)
            return options.CpuStreams;
        return options.IntraOpThreads == 0 && fullBatch < LightBatch ? cores : 1;
    }

    /// <summary>Threads of one of the streams.</summary>
    internal static int Threads(InferenceOptions options, int streams, int cores) =>
        options.IntraOpThreads > 0 ? options.IntraOpThreads : Math.Max(1, cores / streams);

    [LoggerMessage(LogLevel.Information, "{Streams} batches run side by side on the CPU, {Threads} threads each; with all cores one batch took {BatchMs:F1} ms")]
    private partial void LogStreams(int streams, int threads, double batchMs);
}

using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference.Batching;

namespace Millrace.Inference.Sessions;

/// <summary>The sessions of one model, opened and warmed up.</summary>
/// <param name="path">The model file.</param>
/// <param name="outputs">Names of the wanted output, the best first.</param>
/// <param name="maxTokens">Longest text.</param>
/// <param name="paddingId">Fills short rows.</param>
internal sealed class WarmSessions(
    string path, IReadOnlyList<string> outputs, int maxTokens, int paddingId, InferenceOptions options, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>One a device, or one a stream where the CPU runs several batches side by side. Takes seconds.</summary>
    /// <exception cref="ConfigurationException">The model cannot be loaded, or the device cannot be had.</exception>
    public IReadOnlyList<IModelSession> Open()
    {
        var sessions = new SessionFactory(loggers.CreateLogger<SessionFactory>()).Open(options, device => Load(device, options.IntraOpThreads));
        foreach (var session in sessions)
            WarmUp.Run(session, LimitsOf(session), maxTokens, paddingId);
        return sessions is [OnnxSession { Device: "cpu" } whole] ? Split(whole) : sessions;
    }

    private IReadOnlyList<IModelSession> Split(OnnxSession whole)
    {
        var fullBatch = WarmUp.TimeFullBatch(whole, LimitsOf(whole), maxTokens, paddingId, time);
        var streams = new CpuStreams(loggers.CreateLogger<CpuStreams>())
            .Split(whole, options, fullBatch, threads => Load(ModelDevice.Cpu, threads));
        foreach (var stream in streams.Where(stream => stream != whole))
            WarmUp.Run(stream, LimitsOf(stream), maxTokens, paddingId);
        return streams;
    }

    private OnnxSession Load(ModelDevice device, int threads) => new(LoadedModel.Load(path, device, threads), device, outputs, paddingId);

    private BatchLimits LimitsOf(IModelSession session) => options.Batching.LimitsFor(session.Device != "cpu");
}

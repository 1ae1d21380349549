using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference.Batching;

namespace Millrace.Inference.Sessions;

/// <summary>The sessions of one model, opened and warmed up.</summary>
/// <param name="path">The model file.</param>
/// <param name="outputs">Names of the wanted output, the best first.</param>
/// <param name="maxTokens">Longest text.</param>
/// <param name="paddingId">Fills short rows.</param>
internal sealed partial class WarmSessions(
    string path, IReadOnlyList<string> outputs, int maxTokens, int paddingId, InferenceOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<WarmSessions>();
    private readonly List<IModelSession> _opened = [];

    /// <summary>One a device, or one a stream where the CPU runs several batches side by side. Takes seconds.</summary>
    /// <returns>The sessions, and the options for the engine over them: its budget is smaller if the devices have no memory for the one asked for.</returns>
    /// <exception cref="ConfigurationException">The model cannot be loaded, gives what cannot be read, or the device cannot be had.</exception>
    public (IReadOnlyList<IModelSession> Sessions, EngineOptions Batching) Open()
    {
        try
        {
            return OpenAndWarm();
        }
        catch (InvalidDataException wrong)
        {
            _opened.ForEach(session => session.Dispose());
            throw new ConfigurationException($"{path}: {wrong.Message}. Export the model with such an output, as the text encoder or sequence classifier that it is.");
        }
        catch
        {
            _opened.ForEach(session => session.Dispose());
            throw;
        }
    }

    private (IReadOnlyList<IModelSession> Sessions, EngineOptions Batching) OpenAndWarm()
    {
        var sessions = new SessionFactory(loggers.CreateLogger<SessionFactory>()).Open(options, device => Load(device, options.IntraOpThreads));
        var budget = new BatchBudget(options.Batching.LimitsFor(sessions[0].Device != "cpu"));
        var wanted = budget.Current.MaxTokens;
        foreach (var session in sessions)
            WarmUp.Run(session, budget, maxTokens, paddingId);
        if (sessions is [OnnxSession { Device: "cpu" } whole])
            sessions = Split(whole, budget);
        if (budget.Current.MaxTokens is var fits && fits < wanted)
            LogShrunk(sessions[0].Device, wanted, fits);
        return (sessions, options.Batching with { MaxBatchTokens = fits });
    }

    private IReadOnlyList<IModelSession> Split(OnnxSession whole, BatchBudget budget)
    {
        var fullBatch = WarmUp.TimeFullBatch(whole, budget.Current, maxTokens, paddingId, time);
        var streams = new CpuStreams(loggers.CreateLogger<CpuStreams>())
            .Split(whole, options, fullBatch, threads => Load(ModelDevice.Cpu, threads));
        _opened.AddRange(streams);
        foreach (var stream in streams.Where(stream => stream != whole))
            WarmUp.Run(stream, budget, maxTokens, paddingId);
        return streams;
    }

    private OnnxSession Load(ModelDevice device, int threads)
    {
        var session = OnnxSession.Open(path, device, threads, outputs, paddingId);
        _opened.Add(session);
        return session;
    }

    [LoggerMessage(LogLevel.Warning, "{Device} has no memory for batches of {Wanted} tokens; {Fits} are the limit. Set Batching:MaxBatchTokens to that to start faster")]
    private partial void LogShrunk(string device, int wanted, int fits);
}

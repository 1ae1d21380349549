using Millrace.Inference.Batching;
using Millrace.Inference.Models;
using Millrace.Inference.Sessions;

namespace Millrace.Inference.Benchmark;

/// <summary>
/// ONNX Runtime with nothing around it: batches of one size in a loop, or in several loops side by side. What a scheduler is measured against.
/// </summary>
public sealed class BareLoop : IDisposable
{
    private static readonly string[] Outputs = ["sentence_embedding", "last_hidden_state", "token_embeddings"];
    private readonly List<OnnxSession> _sessions = [];

    private BareLoop()
    {
    }

    /// <summary>Loops side by side.</summary>
    public int Streams => _sessions.Count;

    /// <summary>True unless it runs on an accelerator.</summary>
    public bool IsOnCpu => _sessions[0].Device == ModelDevice.Cpu.Name;

    /// <summary>The loops that could be best on the devices of an engine: one on its first device, with all cores if that is the CPU; and if
    /// the engine runs several batches side by side, as many loops, on the same devices and with as many threads.</summary>
    /// <exception cref="Contracts.ConfigurationException">The model cannot be loaded.</exception>
    public static IReadOnlyList<BareLoop> Beside(InferenceEngine engine, string folder, InferenceOptions options, int paddingId)
    {
        var path = new ModelFolder(folder).FindModel(options.Precision);
        var devices = engine.Devices.Select(ModelDevice.Parse).ToList();
        var single = new BareLoop();
        single._sessions.Add(OnnxSession.Open(path, devices[0], options.IntraOpThreads, Outputs, paddingId));
        if (engine.Streams == 1)
            return [single];
        var many = new BareLoop();
        var threads = CpuStreams.Threads(options, engine.Streams, Environment.ProcessorCount);
        many._sessions.AddRange(devices.Select(device => OnnxSession.Open(path, device, threads, Outputs, paddingId)));
        while (many.Streams < engine.Streams)
            many._sessions.Add(many._sessions[0].Beside());
        return [single, many];
    }

    /// <summary>Runs every row once, <paramref name="batchSize"/> at a time, batches taken in the order given by whichever loop is free.</summary>
    public void Run(IReadOnlyList<int[]> rows, int batchSize)
    {
        var next = -batchSize;
        void Loop(OnnxSession session)
        {
            for (int start; (start = Interlocked.Add(ref next, batchSize)) < rows.Count;)
                session.Run([.. rows.Skip(start).Take(batchSize)]);
        }
        if (_sessions is [var only])
            Loop(only);
        else
            Task.WaitAll([.. _sessions.Select(session => Task.Factory.StartNew(
                () => Loop(session), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))]);
    }

    public void Dispose() => _sessions.ForEach(session => session.Dispose());
}

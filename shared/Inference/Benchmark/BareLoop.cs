using Millrace.Inference.Models;
using Millrace.Inference.Sessions;

namespace Millrace.Inference.Benchmark;

/// <summary>ONNX Runtime with nothing around it: batches of one size in a loop. What a scheduler is measured against.</summary>
public sealed class BareLoop : IDisposable
{
    private readonly OnnxSession _session;

    /// <exception cref="Contracts.ConfigurationException">The model cannot be loaded.</exception>
    public BareLoop(string folder, InferenceOptions options, int paddingId)
    {
        var device = options.Device == DeviceKind.Cuda ? new ModelDevice(true, options.CudaDevices is [var first, ..] ? first : 0) : ModelDevice.Cpu;
        var model = LoadedModel.Load(new ModelFolder(folder).FindModel(options.Precision), device, options.IntraOpThreads);
        _session = new OnnxSession(model, device, ["sentence_embedding", "last_hidden_state", "token_embeddings"], paddingId);
    }

    /// <summary>Runs every row, in the order given, <paramref name="batchSize"/> at a time.</summary>
    public void Run(IReadOnlyList<int[]> rows, int batchSize)
    {
        for (var start = 0; start < rows.Count; start += batchSize)
            _session.Run([.. rows.Skip(start).Take(batchSize)]);
    }

    public void Dispose() => _session.Dispose();
}

using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.OnnxRuntime;
using Millrace.Contracts;

namespace Millrace.Inference.Sessions;

/// <summary>A model file in ONNX Runtime. Several sessions of ours may run it side by side; the last one frees it.</summary>
internal sealed class LoadedModel : IDisposable
{
    private int _users = 1;

    private LoadedModel(string path, InferenceSession session) => (Path, Session) = (path, session);

    public string Path { get; }

    public InferenceSession Session { get; }

    /// <param name="path">The model file.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="threads">Threads of one run on a CPU; 0 is one a core.</param>
    /// <exception cref="ConfigurationException">The model cannot be loaded.</exception>
    /// <exception cref="DeviceUnavailableException">CUDA does not load it.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The provider options are copied by the session options.")]
    public static LoadedModel Load(string path, ModelDevice device, int threads)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        if (threads > 0)
            options.IntraOpNumThreads = threads;
        try
        {
            if (device.IsCuda)
                options.AppendExecutionProvider_CUDA(device.Number);
            return new LoadedModel(path, new InferenceSession(path, options));
        }
        catch (OnnxRuntimeException error) when (device.IsCuda)
        {
            throw new DeviceUnavailableException(error.Message, error);
        }
        catch (OnnxRuntimeException error)
        {
            throw new ConfigurationException(
                $"{path}: ONNX Runtime cannot load it ({error.Message}). Put the model.onnx that was published with the model there.");
        }
    }

    /// <summary>One user more, who disposes of it too.</summary>
    public LoadedModel Share()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Session.Dispose();
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using Millrace.Contracts;

namespace Millrace.Inference.Sessions;

/// <summary>Opens a model on the devices that the options ask for.</summary>
internal sealed partial class SessionFactory(ILogger<SessionFactory> logger)
{
    private const string CudaProvider = "CUDAExecutionProvider";

    /// <summary>One session a device; at least one.</summary>
    /// <exception cref="ConfigurationException">The model cannot be loaded, or CUDA was asked for and cannot be had.</exception>
    public IReadOnlyList<IModelSession> Open(InferenceOptions options, Func<ModelDevice, IModelSession> open)
    {
        if (options.Device == DeviceKind.Cpu)
            return [open(ModelDevice.Cpu)];
        if (TryOpenCuda(options, open, out var problem) is { } sessions)
            return sessions;
        if (options.Device == DeviceKind.Auto)
        {
            LogCpu(problem);
            return [open(ModelDevice.Cpu)];
        }
        if (!options.AllowCpuFallback)
            throw new ConfigurationException(
                $"Device 'cuda' cannot be had: {problem} Repair it, set the device to 'auto' or 'cpu', or allow the fallback to the CPU.");
        LogFallback(problem);
        return [open(ModelDevice.Cpu)];
    }

    private static List<IModelSession>? TryOpenCuda(InferenceOptions options, Func<ModelDevice, IModelSession> open, out string problem)
    {
        problem = "";
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider))
        {
            problem = "this build of ONNX Runtime has no CUDA.";
            return null;
        }
        var sessions = new List<IModelSession>();
        try
        {
            foreach (var number in options.CudaDevices.DefaultIfEmpty(0))
                sessions.Add(open(new ModelDevice(true, number)));
            return sessions;
        }
        catch (OnnxRuntimeException error)
        {
            sessions.ForEach(session => session.Dispose());
            problem = $"ONNX Runtime says: {error.Message}. The provider comes with a build with -p:Gpu=true.";
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "The model runs on the CPU: {Problem}")]
    private partial void LogCpu(string problem);

    [LoggerMessage(LogLevel.Warning, "CUDA was asked for and cannot be had; the model runs on the CPU, many times slower: {Problem}")]
    private partial void LogFallback(string problem);
}

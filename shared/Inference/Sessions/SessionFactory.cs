using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using Millrace.Contracts;

namespace Millrace.Inference.Sessions;

/// <summary>Opens a model on the devices that the options ask for.</summary>
/// <param name="hasCuda">Whether this build of ONNX Runtime has CUDA.</param>
internal sealed partial class SessionFactory(bool hasCuda, ILogger logger)
{
    private const string CudaProvider = "CUDAExecutionProvider";

    public SessionFactory(ILogger<SessionFactory> logger)
        : this(OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider), logger)
    {
    }

    /// <summary>One session a device; at least one.</summary>
    /// <exception cref="ConfigurationException">The model cannot be loaded, or CUDA was asked for and cannot be had.</exception>
    public IReadOnlyList<IModelSession> Open(InferenceOptions options, Func<ModelDevice, IModelSession> open)
    {
        if (options.Device == DeviceKind.Cpu)
            return [open(ModelDevice.Cpu)];
        if (options.Device == DeviceKind.Auto && !hasCuda)
        {
            LogCpu();
            return [open(ModelDevice.Cpu)];
        }
        if (TryOpenCuda(options, open, out var problem) is { } sessions)
            return sessions;
        // Also where the CPU is not wanted: a model that it cannot load either is named as what is wrong.
        var cpu = open(ModelDevice.Cpu);
        if (options.Device == DeviceKind.Cuda && !options.AllowCpuFallback)
        {
            cpu.Dispose();
            throw new ConfigurationException(
                $"Device 'cuda' cannot be had: {problem} Repair it, set the device to 'auto' or 'cpu', or allow the fallback to the CPU.");
        }
        LogFallback(problem);
        return [cpu];
    }

    private List<IModelSession>? TryOpenCuda(InferenceOptions options, Func<ModelDevice, IModelSession> open, out string problem)
    {
        problem = hasCuda ? "" : "this build of ONNX Runtime has no CUDA; build with -p:Gpu=true.";
        if (!hasCuda)
            return null;
        var sessions = new List<IModelSession>();
        try
        {
            foreach (var number in options.CudaDevices.DefaultIfEmpty(0))
                sessions.Add(open(new ModelDevice(true, number)));
            return sessions;
        }
        catch (DeviceUnavailableException error)
        {
            sessions.ForEach(session => session.Dispose());
            problem = $"ONNX Runtime says: {error.Message}.";
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "The model runs on the CPU: this build of ONNX Runtime has no CUDA")]
    private partial void LogCpu();

    [LoggerMessage(LogLevel.Warning, "CUDA cannot be had; the model runs on the CPU, many times slower: {Problem}")]
    private partial void LogFallback(string problem);
}

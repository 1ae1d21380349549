using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.OnnxRuntime;
using Millrace.Contracts;

namespace Millrace.Inference.Sessions;

/// <summary>A model in ONNX Runtime on one device, its inputs and outputs bound to memory that the device reaches without a copy.</summary>
internal sealed class OnnxSession : IModelSession
{
    private static readonly string[] MemoryErrors = ["Failed to allocate memory", "out of memory", "OUT_OF_MEMORY", "bad allocation"];
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _run = new();
    private readonly OrtMemoryInfo _memory;
    private readonly OrtAllocator _allocator;
    private readonly TokenInputs _inputs;
    private readonly string _output;

    /// <param name="path">The model file.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="outputs">Names of the wanted output, the best first; the model's first output if it has none of them.</param>
    /// <param name="paddingId">Fills short rows.</param>
    /// <param name="threads">Threads of a CPU session; 0 is one a core.</param>
    /// <exception cref="ConfigurationException">The model cannot be loaded or is not a text encoder.</exception>
    public OnnxSession(string path, ModelDevice device, IReadOnlyList<string> outputs, int paddingId, int threads)
    {
        Device = device.Name;
        _session = Load(path, device, threads);
        _inputs = TokenInputs.Of(_session, path, paddingId);
        _output = outputs.FirstOrDefault(_session.OutputMetadata.ContainsKey) ?? _session.OutputNames[0];
        _binding = _session.CreateIoBinding();
        _memory = device.IsCuda
            ? new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, device.Number, OrtMemType.CpuOutput)
            : new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
        _allocator = new OrtAllocator(_session, _memory);
    }

    public string Device { get; }

    public ModelOutput Run(IReadOnlyList<int[]> rows)
    {
        var width = Math.Max(1, rows.Max(row => row.Length));
        try
        {
            using var inputs = _inputs.Bind(_binding, _allocator, rows, width);
            _binding.BindOutputToDevice(_output, _memory);
            _session.RunWithBinding(_run, _binding);
            _binding.SynchronizeBoundOutputs();
            using var outputs = _binding.GetOutputValues();
            return OutputReader.Read(outputs[0], rows.Count, _output);
        }
        catch (OnnxRuntimeException error) when (IsOutOfMemory(error))
        {
            throw new DeviceMemoryException(Device, rows.Count, width, error);
        }
        finally
        {
            _binding.ClearBoundInputs();
            _binding.ClearBoundOutputs();
        }
    }

    public void Dispose()
    {
        _allocator.Dispose();
        _memory.Dispose();
        _binding.Dispose();
        _run.Dispose();
        _session.Dispose();
    }

    internal static bool IsOutOfMemory(OnnxRuntimeException error) =>
        MemoryErrors.Any(text => error.Message.Contains(text, StringComparison.OrdinalIgnoreCase));

    [SuppressMessage("Reliability", "CA2000", Justification = "The provider options are copied by the session options.")]
    private static InferenceSession Load(string path, ModelDevice device, int threads)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        if (threads > 0)
            options.IntraOpNumThreads = threads;
        try
        {
            if (device.IsCuda)
                options.AppendExecutionProvider_CUDA(device.Number);
            return new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException error) when (!device.IsCuda)
        {
            throw new ConfigurationException(
                $"{path}: ONNX Runtime cannot load it ({error.Message}). Put the model.onnx that was published with the model there.");
        }
    }
}

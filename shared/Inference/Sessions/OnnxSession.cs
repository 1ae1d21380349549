using Microsoft.ML.OnnxRuntime;
using Millrace.Contracts;

namespace Millrace.Inference.Sessions;

/// <summary>A model in ONNX Runtime on one device, its inputs and outputs bound to memory that the device reaches without a copy.</summary>
internal sealed class OnnxSession : IModelSession
{
    private static readonly string[] MemoryErrors = [
        "Failed to allocate memory", "smaller than requested bytes", "out of memory", "OUT_OF_MEMORY", "ALLOC_FAILED", "bad allocation", "bad_alloc",
    ];
    private readonly LoadedModel _model;
    private readonly ModelDevice _device;
    private readonly int _paddingId;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _run = new();
    private readonly OrtMemoryInfo _memory;
    private readonly OrtAllocator _allocator;
    private readonly TokenInputs _inputs;
    private readonly string _output;
    private int _disposed;

    /// <param name="model">Owned from now on.</param>
    /// <param name="device">Where it was loaded.</param>
    /// <param name="outputs">Names of the wanted output, the best first; the model's first output if it has none of them.</param>
    /// <param name="paddingId">Fills short rows.</param>
    /// <exception cref="ConfigurationException">The model is not a text encoder.</exception>
    private OnnxSession(LoadedModel model, ModelDevice device, IReadOnlyList<string> outputs, int paddingId)
    {
        (_model, _device, _paddingId) = (model, device, paddingId);
        _inputs = TokenInputs.Of(model.Session, model.Path, paddingId);
        _output = outputs.FirstOrDefault(model.Session.OutputMetadata.ContainsKey) ?? model.Session.OutputNames[0];
        _binding = model.Session.CreateIoBinding();
        _memory = device.IsCuda
            ? new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, device.Number, OrtMemType.CpuOutput)
            : new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
        _allocator = new OrtAllocator(model.Session, _memory);
    }

    /// <summary>Loads a model file; nothing stays loaded if that fails.</summary>
    /// <param name="threads">Threads of one run on a CPU; 0 is one a core.</param>
    /// <exception cref="ConfigurationException">The model cannot be loaded, or is not a text encoder.</exception>
    /// <exception cref="DeviceUnavailableException">CUDA does not load it.</exception>
    public static OnnxSession Open(string path, ModelDevice device, int threads, IReadOnlyList<string> outputs, int paddingId)
    {
        var model = LoadedModel.Load(path, device, threads);
        try
        {
            return new OnnxSession(model, device, outputs, paddingId);
        }
        catch (OnnxRuntimeException error) when (device.IsCuda)
        {
            model.Dispose();
            throw new DeviceUnavailableException(error.Message, error);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public string Device => _device.Name;

    /// <summary>A session that runs the same loaded model at the same time, on a thread of its own.</summary>
    public OnnxSession Beside() => new(_model.Share(), _device, [_output], _paddingId);

    public ModelOutput Run(IReadOnlyList<int[]> rows)
    {
        var width = Math.Max(1, rows.Max(row => row.Length));
        try
        {
            using var inputs = _inputs.Bind(_binding, _allocator, rows, width);
            _binding.BindOutputToDevice(_output, _memory);
            _model.Session.RunWithBinding(_run, _binding);
            _binding.SynchronizeBoundOutputs();
            using var outputs = _binding.GetOutputValues();
            return OutputReader.Read(outputs[0], rows.Count, _output);
        }
        catch (OnnxRuntimeException error) when (IsOutOfMemory(error.Message))
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
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _allocator.Dispose();
        _memory.Dispose();
        _binding.Dispose();
        _run.Dispose();
        _model.Dispose();
    }

    /// <summary>ONNX Runtime has no code for it: what its arena, CUDA, cuBLAS, cuDNN and the C++ library say is known by their words.</summary>
    internal static bool IsOutOfMemory(string message) =>
        MemoryErrors.Any(text => message.Contains(text, StringComparison.OrdinalIgnoreCase));
}

using System.ComponentModel.DataAnnotations;
using Millrace.Inference.Batching;
using Millrace.Inference.Tokenizers;

namespace Millrace.Inference;

/// <summary>How a model is run, whatever the model is.</summary>
public record InferenceOptions
{
    /// <summary>Where models run: <c>auto</c> takes CUDA where this build has it and a device answers, else the CPU.</summary>
    public DeviceKind Device { get; init; } = DeviceKind.Auto;

    /// <summary>Numbers of the CUDA devices, one session each; none means device 0.</summary>
    public IReadOnlyList<int> CudaDevices { get; init; } = [];

    /// <summary>With <c>cuda</c>: go on with the CPU, and warn, if no CUDA device can be had. Otherwise that is an error.</summary>
    public bool AllowCpuFallback { get; init; }

    /// <summary>Which of the folder's models: <c>model.onnx</c>, <c>model_fp16.onnx</c> or <c>model_int8.onnx</c> (also <c>model_quantized.onnx</c>).</summary>
    public ModelPrecision Precision { get; init; } = ModelPrecision.Fp32;

    /// <summary>Longest text, special tokens included; 0 takes what the model was made for. Never more than that.</summary>
    [Range(0, 131_072)]
    public int MaxTokens { get; init; }

    /// <summary>What is kept of a longer text.</summary>
    public KeptPart Keep { get; init; } = KeptPart.Head;

    /// <summary>
    /// Batches that the CPU runs side by side. 0: one a core, of one thread each, for a model whose full batch takes under 5 ms and if
    /// <see cref="IntraOpThreads"/> is 0 too; else one.
    /// </summary>
    [Range(0, 1_024)]
    public int CpuStreams { get; init; }

    /// <summary>Threads of one batch on the CPU; 0 shares the cores among the streams.</summary>
    [Range(0, 1_024)]
    public int IntraOpThreads { get; init; }

    public EngineOptions Batching { get; init; } = new();

    /// <summary>Every problem, in words for a person; empty if there is none.</summary>
    public IReadOnlyList<string> Problems()
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), results, validateAllProperties: true);
        Validator.TryValidateObject(Batching, new ValidationContext(Batching), results, validateAllProperties: true);
        return [.. results.Select(result => result.ErrorMessage ?? "a setting of inference is wrong")];
    }
}

public enum DeviceKind
{
    Auto,
    Cuda,
    Cpu,
}

public enum ModelPrecision
{
    Fp32,
    Fp16,
    Int8,
}

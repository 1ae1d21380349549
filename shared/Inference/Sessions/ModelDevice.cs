namespace Millrace.Inference.Sessions;

/// <summary>One place where a session runs.</summary>
internal readonly record struct ModelDevice(bool IsCuda, int Number)
{
    public static ModelDevice Cpu { get; } = new(false, 0);

    public string Name => IsCuda ? $"cuda:{Number}" : "cpu";
}

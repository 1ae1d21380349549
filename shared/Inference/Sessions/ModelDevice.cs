using System.Globalization;

namespace Millrace.Inference.Sessions;

/// <summary>One place where a session runs.</summary>
internal readonly record struct ModelDevice(bool IsCuda, int Number)
{
    public static ModelDevice Cpu { get; } = new(false, 0);

    /// <summary>A device by its <see cref="Name"/>.</summary>
    public static ModelDevice Parse(string name) =>
        name.Split(':') is ["cuda", var number] ? new(true, int.Parse(number, CultureInfo.InvariantCulture)) : Cpu;

    public string Name => IsCuda ? $"cuda:{Number}" : "cpu";
}

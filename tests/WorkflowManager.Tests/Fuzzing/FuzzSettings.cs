using System.Globalization;

namespace Millrace.WorkflowManager.Tests.Fuzzing;

/// <summary>A short run by default, a long one by <c>millrace fuzz --inputs N --seed S</c>.</summary>
internal static class FuzzSettings
{
    /// <summary>Inputs of all doors together.</summary>
    public static int Inputs { get; } = Read("MILLRACE_FUZZ_INPUTS", 10_000);

    public static int Seed { get; } = Read("MILLRACE_FUZZ_SEED", 1);

    /// <summary>No single input may take longer.</summary>
    public static TimeSpan InputLimit { get; } = TimeSpan.FromSeconds(10);

    private static int Read(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}

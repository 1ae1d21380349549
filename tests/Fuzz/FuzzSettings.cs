using System.Globalization;

namespace Millrace.Fuzz.Tests;

/// <summary>A short run by default, a long one by <c>millrace fuzz --inputs N --seed S</c>.</summary>
/// <param name="Inputs">Of all doors together.</param>
internal sealed record FuzzSettings(int Inputs, int Seed)
{
    public const string InputsVariable = "MILLRACE_FUZZ_INPUTS";
    public const string SeedVariable = "MILLRACE_FUZZ_SEED";

    /// <summary>No single input may take longer: it hangs.</summary>
    public TimeSpan InputLimit { get; init; } = TimeSpan.FromSeconds(30);

    public bool IsLong => Inputs > 100_000;

    /// <exception cref="ArgumentException">A variable holds no whole number; a run of another length than was asked for would end green.</exception>
    public static FuzzSettings Read(Func<string, string?> variable) => new(
        Read(InputsVariable, variable(InputsVariable), otherwise: 10_000, least: 1),
        Read(SeedVariable, variable(SeedVariable), otherwise: 1, least: 0));

    private static int Read(string name, string? text, int otherwise, int least)
    {
        if (string.IsNullOrEmpty(text))
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least
            ? value
            : throw new ArgumentException($"{name} is '{text}'; give a whole number from {least} to {int.MaxValue}, in digits alone.");
    }
}

using System.ComponentModel.DataAnnotations;
using Millrace.Contracts;

namespace Millrace.DriftMonitor.Offline;

/// <summary>How two files are compared.</summary>
public sealed record DriftComparisonOptions
{
    private const int FewestPermutations = 400;

    /// <summary>The false-alarm rate, from 0.0001 to 0.5.</summary>
    [Range(0.0001, 0.5)]
    public double Level { get; init; } = 0.01;

    /// <summary>Random permutations, up to 100,000; null: as many as the level needs, at least 400.</summary>
    [Range(1, 100_000)]
    public int? Permutations { get; init; }

    /// <summary>Random frequencies for files that are too large for every pair, from 16 to 4,096.</summary>
    [Range(16, 4_096)]
    public int Frequencies { get; init; } = 256;

    /// <summary>The same seed gives the same p-value.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Rows that a core holds at once when files are too large to be held, from 64 to 1,048,576: memory is about this times the
    /// dimensions times 4 bytes times the cores, and the text of as many lines.
    /// </summary>
    [Range(64, 1_048_576)]
    public int ChunkRows { get; init; } = 4_096;

    internal int PermutationsToDraw => Permutations ?? Math.Max(FewestPermutations, (int)Math.Ceiling(2 / Level));

    /// <exception cref="ConfigurationException">A value is out of range, or so few permutations can never find drift at this level.</exception>
    internal void Check()
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), problems, validateAllProperties: true);
        if (problems.Count > 0)
            throw new ConfigurationException([.. problems.Select(problem => problem.ErrorMessage ?? "")]);
        if (1.0 / (PermutationsToDraw + 1) > Level)
            throw new ConfigurationException(
                $"With {PermutationsToDraw} permutations no p-value is below {1.0 / (PermutationsToDraw + 1):0.####}, so drift at level {Level} could never be found; take at least {Math.Ceiling(1 / Level) - 1}.");
    }
}

using System.ComponentModel.DataAnnotations;

namespace Millrace.DriftMonitor;

/// <summary>What the drift monitor watches and how strictly. Section <c>Drift</c>.</summary>
public sealed record DriftOptions
{
    public const string Section = "Drift";

    /// <summary>What is watched: each vector, and each named score, by a detector of its own for every model revision. What is written takes the place of the default.</summary>
    public IReadOnlyList<DriftSourceOptions> Sources { get; init; } =
    [
        new() { Name = "embedding", VectorPath = "embedding", RevisionPath = "modelRevision" },
        new() { Name = "scores", VectorPath = "scores", RevisionPath = "model_revision" },
    ];

    /// <summary>Posts in the reference window, from 50 to 20,000.</summary>
    [Range(50, 20_000)]
    public int ReferencePosts { get; init; } = 2_000;

    /// <summary>Posts in the sliding current window, from 50 to 20,000.</summary>
    [Range(50, 20_000)]
    public int WindowPosts { get; init; } = 1_000;

    /// <summary>New posts between two tests, from 10 to 20,000.</summary>
    [Range(10, 20_000)]
    public int TestEveryPosts { get; init; } = 250;

    /// <summary>Chance of an alarm in one whole window without any drift, from 0.0001 to 0.5; overlapping tests share it.</summary>
    [Range(0.0001, 0.5)]
    public double FalseAlarmRate { get; init; } = 0.01;

    /// <summary>
    /// While both windows together hold at most so many posts, each test is over every pair of them; above it is over random features. From 0 to
    /// 40,000: a test over so many takes seconds on all cores.
    /// </summary>
    [Range(0, 40_000)]
    public int ExactUpToPosts { get; init; } = 4_000;

    /// <summary>Random frequencies, from 16 to 4,096.</summary>
    [Range(16, 4_096)]
    public int Frequencies { get; init; } = 256;

    /// <summary>Past tests that are kept for the plot, from 10 to 10,000.</summary>
    [Range(10, 10_000)]
    public int HistoryTests { get; init; } = 500;

    /// <summary>Detectors at once, one for each vector and score of each revision, from 1 to 1,000; vectors of further ones are counted and ignored.</summary>
    [Range(1, 1_000)]
    public int MaxDetectors { get; init; } = 200;

    /// <summary>Posts of a detector between two saves, from 1 to 10,000. A kill loses at most one less; with 1 it loses none.</summary>
    [Range(1, 10_000)]
    public int SaveEveryPosts { get; init; } = 50;

    /// <summary>The level of one test: the rate of a window divided by the tests that fall into it.</summary>
    public double TestLevel => FalseAlarmRate * Math.Min(1, (double)TestEveryPosts / WindowPosts);

    /// <summary>Enough that the smallest possible p-value is at most half the level.</summary>
    public int Permutations => (int)Math.Ceiling(2 / TestLevel);
}

/// <summary>Where in a request's result a vector stands.</summary>
public sealed record DriftSourceOptions
{
    [Required]
    public string Name { get; init; } = "";

    /// <summary>
    /// Dotted path to a number, an array of numbers or a base64 string of little-endian floats, which have one detector; or to an object of
    /// such values, which has one for each of its names.
    /// </summary>
    [Required]
    public string VectorPath { get; init; } = "";

    /// <summary>Dotted path to the revision of the model that made the vector; vectors of two revisions are never compared.</summary>
    [Required]
    public string RevisionPath { get; init; } = "";
}

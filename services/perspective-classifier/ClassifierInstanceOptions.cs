using System.ComponentModel.DataAnnotations;
using Millrace.PerspectiveClassifier.Attributes;
using Millrace.PerspectiveClassifier.Perspective;

namespace Millrace.PerspectiveClassifier;

/// <summary>Where scores come from.</summary>
public enum ClassifierProvider
{
    /// <summary>A sequence classifier that runs here.</summary>
    Onnx,

    /// <summary>Google's API or any other with the same contract.</summary>
    Perspective,

    /// <summary>Both on the same posts; the remote one's scores count, the agreement is measured.</summary>
    Shadow,
}

/// <summary>Who scores while the remote API refuses every call.</summary>
public enum ClassifierFallback
{
    /// <summary>Nobody: the posts wait.</summary>
    None,

    /// <summary>The local model, with its calibration.</summary>
    Secondary,
}

/// <summary>What a step's output looks like.</summary>
public enum ClassifierOutput
{
    /// <summary>The research pipeline's record of a post.</summary>
    Record,

    /// <summary>Label and scores, under the classifier's name, so that several classifiers can stand side by side.</summary>
    Scores,
}

/// <summary>One classifier: <c>Classifier:Instances:NAME</c>.</summary>
public sealed record ClassifierInstanceOptions
{
    public const string DefaultModel = "infra/models/toxicity/model";

    [Required]
    public string Queue { get; init; } = "perspective-classifier";

    public ClassifierProvider Provider { get; init; } = ClassifierProvider.Onnx;

    public ClassifierOutput Output { get; init; } = ClassifierOutput.Record;

    /// <summary>Fields of the input that make the text, joined by a full stop.</summary>
    [MinLength(1)]
    public string[] TextFields { get; init; } = ["text"];

    /// <summary>
    /// Longest text in bytes of UTF-8, from 1 to 16,777,216; a longer one stays unlabelled with COMMENT_TOO_LONG. The limit is
    /// Perspective's own for every provider, so that changing the provider changes no post's fate.
    /// </summary>
    [Range(1, 1 << 24)]
    public int MaxTextBytes { get; init; } = 20_480;

    /// <summary>Attributes to ask for; what a provider cannot score is reported unavailable. Empty: all that a local model scores.</summary>
    public string[] Attributes { get; init; } = [.. PerspectiveAttributes.Pipeline];

    /// <summary>Folder of the local model; a relative one is looked for here and in the folders above the program.</summary>
    public string Model { get; init; } = DefaultModel;

    /// <summary>
    /// Calibration for the local model's scores (<c>millrace calibrate</c>); empty: none beyond the model's own. A shadow records the
    /// model's own scores and writes the file when one is fitted; with it the model answers the compatible routes.
    /// </summary>
    public string? CalibrationPath { get; init; }

    /// <summary>
    /// Languages, ISO 639-1, that the local model scores; <c>any</c>: all. A post that is surely in another stays unlabelled with
    /// LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE, and the compatible routes refuse it. The output <c>scores</c> does not ask for the language.
    /// </summary>
    [MinLength(1)]
    public string[] Languages { get; init; } = ["en"];

    /// <summary>Posts that are scored together, from 1 to 4,096: by one call of the local model, by calls side by side of a remote API, for which no two messages wait for each other. A larger message is taken in parts.</summary>
    [Range(1, 4_096)]
    public int MaxBatchItems { get; init; } = 64;

    /// <summary>Pairs of scores remembered for the agreement, for each attribute, from 100 to 1,000,000.</summary>
    [Range(100, 1_000_000)]
    public int AgreementPairs { get; init; } = 20_000;

    /// <summary>Of a shadow, how long a post waits for the local model's scores once the remote ones are there, in seconds, from 0 to 60; without them it is no pair.</summary>
    [Range(0, 60)]
    public double SecondaryWaitSeconds { get; init; } = 2;

    /// <summary>Of a shadow, calls of the local model in progress at once, from 1 to 10,000, those that nobody waits for any more among them; a message more goes without.</summary>
    [Range(1, 10_000)]
    public int MaxSecondaryCalls { get; init; } = 400;

    /// <summary>Of a shadow: <c>secondary</c> lets the local model answer while the remote API refuses every call, as it will from 2027 on.</summary>
    public ClassifierFallback Fallback { get; init; } = ClassifierFallback.None;

    /// <summary>The remote API; for the providers <c>perspective</c> and <c>shadow</c>.</summary>
    public PerspectiveOptions Perspective { get; init; } = new();
}

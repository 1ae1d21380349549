using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference;
using Millrace.Inference.Batching;
using Millrace.Inference.Models;
using Millrace.Language;
using Millrace.PerspectiveClassifier.Attributes;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Local;

/// <summary>Scores from a sequence classifier that runs here. What it cannot score is reported unavailable, never invented.</summary>
internal sealed class OnnxProvider : IPostClassifier, IAsyncDisposable
{
    public const string NotScored = "NOT_SCORED: The local model does not score it.";

    private const double UsualThreshold = 0.5;
    private const string MakersSayNo = "NOT_SCORED: The local model's makers say that it cannot score it.";

    private readonly TextClassifierModel _model;
    private readonly ClassifierInstanceOptions _options;
    private readonly string?[] _names;
    private readonly IsotonicCurve?[] _curves;
    private readonly Dictionary<string, string> _unavailable;
    private readonly ServedLanguages _languages;

    private OnnxProvider(TextClassifierModel model, ClassifierInstanceOptions options, ServedLanguages languages, CalibrationFile? calibration)
    {
        _model = model;
        _options = options;
        _languages = languages;
        var asked = options.Output == ClassifierOutput.Scores || options.Attributes.Length == 0 ? null : options.Attributes.ToHashSet(StringComparer.Ordinal);
        _names = [.. model.Labels.Select(label => Name(label, options.Output)).Select(name => asked is null || asked.Contains(name) ? name : null)];
        Calibration = calibration;
        _curves = [.. _names.Select(name => name is not null && calibration?.Attributes.TryGetValue(name, out var fitted) == true ? new IsotonicCurve(fitted.Knots) : null)];
        Available = [.. _names.OfType<string>()];
        _unavailable = ((IEnumerable<string>?)asked ?? model.Unavailable).Except(Available)
            .ToDictionary(name => name, name => model.Unavailable.Contains(name) ? MakersSayNo : NotScored);
    }

    public IReadOnlyList<string> Available { get; }

    public CalibrationFile? Calibration { get; }

    public string Revision => _model.Revision;

    /// <summary>Whether a calibration was fitted to this model's scores; one that names no revision is taken for any.</summary>
    public bool Fits(CalibrationFile calibration) => calibration.ModelRevision is not { } revision || _model.Has(revision, _options.CalibrationPath);

    /// <param name="calibrated">False: scores as the model gives them, whatever the options say.</param>
    /// <exception cref="ConfigurationException">The folder, a file in it or the calibration is wrong.</exception>
    public static async Task<OnnxProvider> LoadAsync(
        ClassifierInstanceOptions options, InferenceOptions inference, bool calibrated, LanguageIdentifier identifier, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var calibration = calibrated && options.CalibrationPath is { } path ? CalibrationFile.Read(path) : null;
        var model = await TextClassifierModel.LoadAsync(LocalModelFolder.Find(options.Model), inference, clock, loggers, cancellationToken);
        // Another domain's texts say of themselves what they are; its scores are no record that means the same for every language.
        var languages = options.Output == ClassifierOutput.Record ? options.Languages : [ServedLanguages.Any];
        var provider = new OnnxProvider(model, options, new ServedLanguages(languages, identifier), calibration: null);
        if (calibration is null || provider.Fits(calibration))
            return calibration is null ? provider : provider.With(calibration);
        await model.DisposeAsync();
        throw new ConfigurationException(
            $"{options.CalibrationPath} was fitted for model revision {calibration.ModelRevision}, but {options.Model} is {model.Revision}; fit it again with 'millrace calibrate'.");
    }

    /// <summary>The same model with another calibration; it lives as long as this one.</summary>
    public OnnxProvider With(CalibrationFile calibration) => new(_model, _options, _languages, calibration);

    public ClassifierDescription Describe() => new("onnx", _model.Revision, Available, CalibratedAt: Calibration?.FittedAt);

    public async Task<IReadOnlyList<PostClassification>> ClassifyAsync(IReadOnlyList<PostToClassify> posts, CancellationToken cancellationToken) =>
        await Task.WhenAll(posts.Select(post => ClassifyAsync(post, cancellationToken)));

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private async Task<PostClassification> ClassifyAsync(PostToClassify post, CancellationToken cancellationToken)
    {
        if (_languages.Unserved(post.Text, post.Language) is { } language)
            return NotServed(language);
        try
        {
            var found = await _model.ClassifyAsync(post.Text, cancellationToken);
            var scores = Scores(found.Probabilities);
            return new PostClassification.Labelled(scores, _unavailable)
            {
                Truncated = found.Truncated,
                Labels = _model.Activation == LabelActivation.Sigmoid ? Labels(scores) : null,
            };
        }
        catch (OverloadedException busy)
        {
            return new PostClassification.Throttled(busy.RetryAfter, "OVERLOADED");
        }
        catch (NonFiniteOutputException wrong)
        {
            return new PostClassification.Unlabelled("NOT_A_NUMBER", wrong.Message);
        }
        // Whatever the runtime throws, the engine gave it to this post alone: the others of the message keep their scores.
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            return new PostClassification.Failed("INFERENCE_FAILED", failed.Message);
        }
    }

    private PostClassification.Unlabelled NotServed(string language) => new(
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        $"The local model does not score texts in {language}, only in {string.Join(", ", _languages.Names)}; Languages says which it does.");

    private Dictionary<string, double> Scores(IReadOnlyList<float> probabilities)
    {
        var scores = new Dictionary<string, double>(Available.Count);
        for (var at = 0; at < _names.Length; at++)
        {
            if (_names[at] is not { } name)
                continue;
            var score = Math.Clamp((double)probabilities[at], 0, 1);
            scores[name] = Math.Round(_curves[at]?.Apply(score) ?? score, 6);
        }
        return scores;
    }

    private List<string> Labels(Dictionary<string, double> scores) =>
    [
        .. _names.Zip(_model.Labels)
            .Where(output => output.First is not null && scores[output.First] >= (output.Second.Threshold ?? UsualThreshold))
            .Select(output => output.First!)
            .OrderByDescending(name => scores[name]),
    ];

    private static string Name(ClassifierLabel label, ClassifierOutput output) =>
        label.Attribute ?? (output == ClassifierOutput.Record ? PerspectiveAttributes.OfLabel(label.Name) : null) ?? label.Name;
}

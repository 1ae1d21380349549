using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Local;
using Millrace.PerspectiveClassifier.Perspective;

namespace Millrace.PerspectiveClassifier.Shadow;

/// <summary>
/// Both providers on the same posts: the remote one's scores count, the local model's stand beside them as it gives them, without a
/// calibration, so that one can be fitted from what is recorded.
/// </summary>
internal sealed class ShadowProvider(PerspectiveProvider remote, OnnxProvider local, AgreementTracker tracker) : IPostClassifier, IAsyncDisposable
{
    private volatile OnnxProvider? _calibrated;

    public AgreementTracker Tracker => tracker;

    /// <summary>Held from the fit to its use, so that what is saved last is what is used.</summary>
    public Lock Fitting { get; } = new();

    public OnnxProvider Local => local;

    /// <summary>The local model as it would score alone: with the calibration that was fitted last, if any was.</summary>
    public OnnxProvider Calibrated => _calibrated ?? local;

    /// <summary>One that was fitted for another model is left aside: the next fit replaces it.</summary>
    /// <returns>False if it was left aside.</returns>
    public bool Calibrate(CalibrationFile calibration)
    {
        if (!local.Fits(calibration))
            return false;
        _calibrated = local.With(calibration);
        return true;
    }

    public ClassifierDescription Describe() => remote.Describe() with { Provider = "shadow", ShadowRevision = local.Revision };

    public async Task<IReadOnlyList<PostClassification>> ClassifyAsync(IReadOnlyList<PostToClassify> posts, CancellationToken cancellationToken)
    {
        var counting = remote.ClassifyAsync(posts, cancellationToken);
        var beside = local.ClassifyAsync(posts, cancellationToken);
        await Task.WhenAll(counting, beside);
        return [.. (await counting).Zip(await beside, Combine)];
    }

    public async ValueTask DisposeAsync()
    {
        remote.Dispose();
        await local.DisposeAsync();
    }

    private PostClassification Combine(PostClassification counts, PostClassification beside)
    {
        if (counts is not PostClassification.Labelled labelled)
            return counts;
        if (beside is not PostClassification.Labelled { Scores: var scores })
        {
            tracker.Miss();
            return counts;
        }
        tracker.Add(labelled.Scores, scores);
        return labelled with { Shadow = scores };
    }
}

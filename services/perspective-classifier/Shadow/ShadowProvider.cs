using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Local;
using Millrace.PerspectiveClassifier.Perspective;

namespace Millrace.PerspectiveClassifier.Shadow;

/// <summary>
/// Both providers on the same posts: the remote one's scores count, the local model's stand beside them as it gives them, without a
/// calibration, so that one can be fitted from what is recorded. With a fallback the local model's calibrated scores count while the remote
/// one refuses everything.
/// </summary>
internal sealed class ShadowProvider(
    PerspectiveProvider remote, OnnxProvider local, AgreementTracker tracker, SecondaryScores secondary, ClassifierFallback fallback)
    : IPostClassifier, IAsyncDisposable
{
    private volatile OnnxProvider? _calibrated;

    public AgreementTracker Tracker => tracker;

    /// <summary>Held from the fit to its use, so that what is saved last is what is used.</summary>
    public Lock Fitting { get; } = new();

    public OnnxProvider Local => local;

    /// <summary>The local model as it would score alone: with the calibration that was fitted last, if any was.</summary>
    public OnnxProvider Calibrated => _calibrated ?? local;

    /// <summary>Why the local model is to answer in the remote one's place; null while it is not.</summary>
    private string? Refusal => fallback == ClassifierFallback.Secondary ? remote.Describe().Problem : null;

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
        var refused = Refusal is not null;
        var counting = remote.ClassifyAsync(posts, cancellationToken);
        // Where the local model is to answer anyway it is not asked twice.
        var scoring = refused ? Task.FromResult<IReadOnlyList<PostClassification>?>(null) : secondary.BesideAsync(posts, counting, cancellationToken);
        await Task.WhenAll((Task)counting, scoring);
        var beside = await scoring;
        List<PostClassification> found = [.. (await counting).Select((counts, at) => Combine(counts, beside?[at]))];
        return Refusal is { } refusal ? await FallBackAsync(posts, found, refusal, cancellationToken) : found;
    }

    public async ValueTask DisposeAsync()
    {
        remote.Dispose();
        await local.DisposeAsync();
    }

    private PostClassification Combine(PostClassification counts, PostClassification? beside)
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

    private async Task<IReadOnlyList<PostClassification>> FallBackAsync(
        IReadOnlyList<PostToClassify> posts, List<PostClassification> found, string refusal, CancellationToken cancellationToken)
    {
        var open = Enumerable.Range(0, found.Count).Where(at => found[at] is PostClassification.Throttled or PostClassification.Failed).ToList();
        var instead = Calibrated;
        var scored = await instead.ClassifyAsync([.. open.Select(at => posts[at])], cancellationToken);
        foreach (var (at, one) in open.Zip(scored))
            found[at] = one with { By = instead.Describe() with { Problem = refusal } };
        return found;
    }
}

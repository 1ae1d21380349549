namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>A provider of scores.</summary>
public interface IPostClassifier
{
    /// <summary>What it is and how it is doing, now.</summary>
    ClassifierDescription Describe();

    /// <returns>One classification a post, in order.</returns>
    Task<IReadOnlyList<PostClassification>> ClassifyAsync(IReadOnlyList<PostToClassify> posts, CancellationToken cancellationToken);
}

/// <summary>What a provider says of itself.</summary>
/// <param name="Provider"><c>perspective</c>, <c>onnx</c> or <c>shadow</c>.</param>
/// <param name="ModelRevision">Which model gave the scores; for Perspective the API's version.</param>
/// <param name="Available">Attributes or classes it can score.</param>
/// <param name="ShadowRevision">The model that scores beside, if one does.</param>
/// <param name="CalibratedAt">When the calibration of its scores was fitted; null if they are as the model gives them.</param>
/// <param name="Problem">Why it is not working, with the fix; null while it works.</param>
public sealed record ClassifierDescription(
    string Provider, string ModelRevision, IReadOnlyList<string> Available, string? Problem = null, string? ShadowRevision = null, DateTimeOffset? CalibratedAt = null);

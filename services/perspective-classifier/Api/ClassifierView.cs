using Millrace.PerspectiveClassifier.Calibration;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>The classifiers of this service.</summary>
public sealed record ClassifierListView(IReadOnlyList<ClassifierView> Items);

/// <summary>One classifier.</summary>
/// <param name="Available">Attributes or classes that it scores.</param>
/// <param name="Unavailable">Attributes that it is asked for and cannot score.</param>
/// <param name="CalibratedAt">When its calibration was fitted; null without one.</param>
/// <param name="Problem">Why it is not working, with the fix.</param>
public sealed record ClassifierView(
    string Name,
    string Queue,
    string Provider,
    string ModelRevision,
    string? ShadowRevision,
    IReadOnlyList<string> Available,
    IReadOnlyList<string> Unavailable,
    DateTimeOffset? CalibratedAt,
    string? Problem);

/// <summary>How far providers that run side by side agree.</summary>
public sealed record AgreementListView(IReadOnlyList<AgreementView> Items);

/// <summary>One classifier's agreement over its last pairs of scores.</summary>
/// <param name="Unpaired">Posts since the start that the local model could not score.</param>
public sealed record AgreementView(
    string Classifier, string LocalRevision, long Unpaired, IReadOnlyDictionary<string, AttributeAgreement> Attributes);

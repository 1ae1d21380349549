namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>A text that may be scored, with what is known of it.</summary>
/// <param name="Text">Well-formed, not empty, within the limit.</param>
/// <param name="Language">As Perspective writes them (<c>en</c>, <c>hi-Latn</c>), where the steps before are sure of it.</param>
/// <param name="DoNotStore">True: a remote provider is told not to keep the text. Else: the classifier's own setting.</param>
public sealed record PostToClassify(
    string Uri, string Text, string? Language = null, bool? DoNotStore = null, string? CommunityId = null, string? SessionId = null);

using Millrace.Language;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>The languages of a comment: those named, else the one detected.</summary>
/// <param name="Detected">None where the text is too short to say.</param>
internal sealed record CommentLanguages(IReadOnlyList<string> Requested, IReadOnlyList<string> Detected)
{
    // A shorter text than identification is sure of is taken for any language that the model scores.
    private const double SureEnough = 0.8;

    public IReadOnlyList<string> Effective => Requested.Count > 0 ? Requested : Detected;

    /// <summary>True if the text holds no letters of any language.</summary>
    public bool Undetectable { get; private init; }

    public static CommentLanguages Of(AnalyzeRequest request, LanguageIdentifier identifier)
    {
        var found = identifier.Identify(request.Text, request.Languages);
        return new CommentLanguages(request.Languages, found.Confidence >= SureEnough ? [found.Code] : []) { Undetectable = found.Code == "und" };
    }
}

using Millrace.Language;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>The languages of a comment: those named, else the one detected.</summary>
/// <param name="Detected">None if the text holds no letters of any language. Of a text too short to be sure, the best guess among those that are served.</param>
internal sealed record CommentLanguages(IReadOnlyList<string> Requested, IReadOnlyList<string> Detected)
{
    private const double SureEnough = 0.8;

    public IReadOnlyList<string> Effective => Requested.Count > 0 ? Requested : Detected;

    /// <summary>True if the text holds no letters of any language.</summary>
    public bool Undetectable { get; private init; }

    /// <param name="served">Those that the model scores.</param>
    public static CommentLanguages Of(AnalyzeRequest request, LanguageIdentifier identifier, IReadOnlyList<string> served)
    {
        var found = identifier.Identify(request.Text, request.Languages);
        if (found.Code == "und")
            return new CommentLanguages(request.Languages, []) { Undetectable = true };
        if (found.Confidence >= SureEnough)
            return new CommentLanguages(request.Languages, [found.Code]);
        var guess = identifier.Identify(request.Text, served).Code;
        return new CommentLanguages(request.Languages, [served.Contains(guess) ? guess : served[0]]);
    }
}

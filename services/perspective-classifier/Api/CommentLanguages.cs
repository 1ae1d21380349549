using Millrace.Language;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>The languages of a comment: those named, else the one detected, else, of a text too short to be sure, the likeliest that is served.</summary>
/// <param name="Detected">The best guess from the text alone, however unsure; none if the text holds no letters of any language.</param>
internal sealed record CommentLanguages(IReadOnlyList<string> Requested, IReadOnlyList<string> Detected)
{
    private const double SureEnough = 0.8;

    public IReadOnlyList<string> Effective => Requested.Count > 0 ? Requested : Assumed ?? Detected;

    /// <summary>True if the text holds no letters of any language.</summary>
    public bool Undetectable { get; private init; }

    private IReadOnlyList<string>? Assumed { get; init; }

    /// <param name="served">Those that the model scores.</param>
    public static CommentLanguages Of(AnalyzeRequest request, LanguageIdentifier identifier, IReadOnlyList<string> served)
    {
        var found = identifier.Identify(request.Text, []);
        if (found.Code == "und")
            return new CommentLanguages(request.Languages, []) { Undetectable = true };
        var languages = new CommentLanguages(request.Languages, [found.Code]);
        if (request.Languages.Count > 0 || found.Confidence >= SureEnough)
            return languages;
        var guess = identifier.Identify(request.Text, served).Code;
        return languages with { Assumed = [served.Contains(guess) ? guess : served[0]] };
    }
}

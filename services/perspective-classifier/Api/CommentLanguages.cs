using Millrace.Language;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>The languages of a comment: those named, else what the text counts as.</summary>
/// <param name="Detected">The best guess from the text alone, however unsure; none if the text holds no letters of any language.</param>
internal sealed record CommentLanguages(IReadOnlyList<string> Requested, IReadOnlyList<string> Detected)
{
    public IReadOnlyList<string> Effective => Requested.Count > 0 ? Requested : Taken;

    /// <summary>True if the text holds no letters of any language.</summary>
    public bool Undetectable { get; private init; }

    private IReadOnlyList<string> Taken { get; init; } = [];

    /// <param name="served">Those that the model scores.</param>
    public static CommentLanguages Of(AnalyzeRequest request, ServedLanguages served)
    {
        var found = served.Find(request.Text);
        return found.Code == IdentifiedLanguage.Unknown.Code
            ? new CommentLanguages(request.Languages, []) { Undetectable = true }
            : new CommentLanguages(request.Languages, [found.Code]) { Taken = [served.TakenFor(found, request.Text)] };
    }
}

using System.Text.RegularExpressions;
using Millrace.Language;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>The languages that a local model scores, and what a text counts as whose language nobody has named.</summary>
/// <param name="names">ISO 639-1; one that is <see cref="Any"/> stands for all.</param>
internal sealed partial class ServedLanguages(IReadOnlyList<string> names, LanguageIdentifier identifier)
{
    /// <summary>In place of a language: texts in all of them are scored.</summary>
    public const string Any = "any";

    private const double SureEnough = 0.8;

    // Letters that mostly suffice to know a served language, for a fraction of the time that the whole of a long text takes.
    private const int Beginning = 60;

    private readonly bool _all = names.Contains(Any, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> Names => names;

    /// <param name="language">With its region or without.</param>
    public bool Serves(string language) => _all || names.Any(name =>
        language.Equals(name, StringComparison.OrdinalIgnoreCase) || language.StartsWith(name + "-", StringComparison.OrdinalIgnoreCase));

    /// <returns>The language of a text that is not served although it is sure; null if the text is to be scored.</returns>
    /// <param name="declared">What the steps before are sure of; it is believed, as the remote API believes it.</param>
    public string? Unserved(string text, string? declared)
    {
        if (_all)
            return null;
        if (declared is not null)
            return Serves(declared) ? null : declared;
        if (text.Length > Beginning && Find(text[..Beginning]) is { Confidence: >= SureEnough } begins && Serves(begins.Code))
            return null;
        var found = Find(text);
        var taken = TakenFor(found, text);
        return found.Code == IdentifiedLanguage.Unknown.Code || Serves(taken) ? null : taken;
    }

    /// <summary>From the text alone, without its links and mentions.</summary>
    public IdentifiedLanguage Find(string text) => identifier.Identify(Prose(text), []);

    /// <summary>
    /// What was found where that is sure; else the likeliest of those served that are written as the text is, because a short text tells
    /// little; of a text in another script, again what was found.
    /// </summary>
    public string TakenFor(IdentifiedLanguage found, string text)
    {
        if (_all || found.Confidence >= SureEnough)
            return found.Code;
        var written = names.Where(name => identifier.Writes(name, found.Script)).ToList();
        if (written.Count <= 1)
            return written.FirstOrDefault() ?? found.Code;
        var guess = identifier.Identify(Prose(text), written).Code;
        return written.Contains(guess) ? guess : written[0];
    }

    private static string Prose(string text) => text.AsSpan().ContainsAny('@', '/') ? LinkOrMention().Replace(text, " ") : text;

    [GeneratedRegex(@"https?://\S+|www\.\S+|@[\w.-]+", RegexOptions.IgnoreCase)]
    private static partial Regex LinkOrMention();
}

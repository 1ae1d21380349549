using System.Collections.Concurrent;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>
/// Which attributes the API has refused for which languages. One refused attribute fails the whole call, so what is known is
/// left out beforehand. A refusal that lists several languages does not say which of them it means: it is remembered of these
/// together, and of none of them alone.
/// </summary>
internal sealed class LanguageSupport
{
    private const int MaxPairs = 10_000;
    private const string AnyLanguage = "*";

    private readonly ConcurrentDictionary<(string Attribute, string Languages), string> _refused = new();

    /// <param name="languages">Those of the text as far as they are known; none while the API is to detect them.</param>
    /// <returns>The reason, or null if the attribute may be asked for.</returns>
    public string? ReasonAgainst(string attribute, IReadOnlyList<string> languages) =>
        languages.Prepend(AnyLanguage).Append(Together(languages))
            .Select(known => _refused.GetValueOrDefault((attribute, known)))
            .FirstOrDefault(reason => reason is not null);

    /// <returns>The reason that is now recorded for the attribute.</returns>
    public string Learn(PerspectiveError error)
    {
        var reason = $"{error.Type}: {error.Message}";
        if (_refused.Count >= MaxPairs)
            return reason;
        if (error.Type == "UNKNOWN_ATTRIBUTE")
            _refused[(error.Attribute!, AnyLanguage)] = reason;
        else if (error.Languages is { Count: > 0 } languages)
            _refused[(error.Attribute!, Together(languages))] = reason;
        return reason;
    }

    private static string Together(IReadOnlyList<string> languages) => string.Join('+', languages.Distinct().Order(StringComparer.Ordinal));
}

using System.Collections.Concurrent;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>
/// Which attributes the API has refused for which language. One refused attribute fails the whole call, so what is known is
/// left out beforehand.
/// </summary>
internal sealed class LanguageSupport
{
    private const int MaxPairs = 10_000;
    private const string AnyLanguage = "*";

    private readonly ConcurrentDictionary<(string Attribute, string Language), string> _refused = new();

    public IEnumerable<string> Refused => _refused.Keys.Select(pair => $"{pair.Attribute}:{pair.Language}").Order(StringComparer.Ordinal);

    /// <param name="language">Null while the API is to detect it.</param>
    /// <returns>The reason, or null if the attribute may be asked for.</returns>
    public string? ReasonAgainst(string attribute, string? language)
    {
        if (_refused.TryGetValue((attribute, AnyLanguage), out var always))
            return always;
        return language is not null && _refused.TryGetValue((attribute, language), out var reason) ? reason : null;
    }

    /// <returns>The reason that is now recorded for the attribute.</returns>
    public string Learn(PerspectiveError error)
    {
        var reason = $"{error.Type}: {error.Message}";
        if (_refused.Count >= MaxPairs)
            return reason;
        if (error.Type == "UNKNOWN_ATTRIBUTE")
            _refused[(error.Attribute!, AnyLanguage)] = reason;
        foreach (var language in error.Languages ?? [])
            _refused[(error.Attribute!, language)] = reason;
        return reason;
    }
}

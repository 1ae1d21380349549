using System.Collections.Concurrent;
using Millrace.PerspectiveClassifier.Attributes;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>
/// Which attributes the API scores in which languages. One refused attribute fails the whole call, so what is known is left out
/// beforehand. What it has answered counts; until it has, its documents do, but for one post of each pair, which asks. A refusal that
/// lists several languages does not say which of them it means: it is remembered of these together, and of none of them alone.
/// </summary>
internal sealed class LanguageSupport
{
    private const int MaxPairs = 10_000;
    private const string AnyLanguage = "*";

    private readonly ConcurrentDictionary<Pair, string> _refused = new();
    private readonly ConcurrentDictionary<Pair, bool> _asked = new();
    private int _version;

    /// <summary>Grows with every answer that changes what may be asked for.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <param name="languages">Those of the text as far as they are known; none while the API is to detect them.</param>
    /// <param name="asking">What the post asks against the documents; grows here.</param>
    /// <returns>The reason, or null if the attribute may be asked for.</returns>
    public string? ReasonAgainst(string attribute, IReadOnlyList<string> languages, ISet<Pair> asking) =>
        languages.Prepend(AnyLanguage).Append(Together(languages))
            .Select(known => _refused.GetValueOrDefault(new Pair(attribute, known)))
            .FirstOrDefault(reason => reason is not null)
        ?? Doubt(attribute, languages, asking);

    /// <returns>The reason that is now recorded for the attribute.</returns>
    public string Learn(PerspectiveError error)
    {
        var reason = $"{error.Type}: {error.Message}";
        if (_refused.Count >= MaxPairs)
            return reason;
        if (error.Type == "UNKNOWN_ATTRIBUTE")
            _refused[new Pair(error.Attribute!, AnyLanguage)] = reason;
        else if (error.Languages is { Count: > 0 } languages)
            _refused[new Pair(error.Attribute!, Together(languages))] = reason;
        Interlocked.Increment(ref _version);
        return reason;
    }

    /// <summary>The API has scored what its documents do not name.</summary>
    public void LearnServed(Pair asked)
    {
        _asked[asked] = true;
        Interlocked.Increment(ref _version);
    }

    private string? Doubt(string attribute, IReadOnlyList<string> languages, ISet<Pair> asking)
    {
        if (languages.FirstOrDefault(language => !PerspectiveLanguages.Serve(attribute, language)) is not { } doubted)
            return null;
        var pair = new Pair(attribute, Together(languages));
        if (asking.Contains(pair) || (_asked.TryGetValue(pair, out var isServed) && isServed))
            return null;
        if (_asked.Count < MaxPairs && _asked.TryAdd(pair, false))
        {
            asking.Add(pair);
            return null;
        }
        return $"LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE: By Perspective's documents {attribute} does not support {doubted}.";
    }

    private static string Together(IReadOnlyList<string> languages) => string.Join('+', languages.Distinct().Order(StringComparer.Ordinal));

    /// <param name="Languages">One, or several together.</param>
    internal readonly record struct Pair(string Attribute, string Languages);
}

namespace Millrace.Language;

/// <summary>
/// Says what language a text is in: by its script where that is enough, else by naive Bayes over letter groups of one
/// to four within words. What the upstream says of its language only tips a balance that the text leaves open.
/// </summary>
public sealed class LanguageIdentifier
{
    private const int MaxLetters = 2_000;
    private const int LongestGram = 4;
    private const int LongestWholeWord = 6;

    // Letter groups overlap, so their weights (quarter nats) count the same evidence several times.
    private const double NatsPerWeight = 0.25 / 4;
    private const int HintWeight = 40;

    private readonly IReadOnlyDictionary<string, LanguageProfiles> _profiles = LanguageProfiles.Load();

    /// <param name="prose">Text without links and mentions.</param>
    /// <param name="hints">What the upstream says its languages are, BCP 47; not trusted.</param>
    public IdentifiedLanguage Identify(string prose, IReadOnlyList<string> hints)
    {
        var letters = ScriptCount.Of(prose, MaxLetters);
        if (letters.Total == 0)
            return IdentifiedLanguage.Unknown;
        var script = letters.Main;
        // Japanese writes kanji among its kana; a Chinese text has none.
        if (script == "Han" && letters.Share("Kana") > 0.1)
            script = "Kana";
        if (_profiles.TryGetValue(script, out var profiles))
            return ByLetterGroups(prose, profiles, script, letters.Share(script), hints);
        return new IdentifiedLanguage(Scripts.LanguageOf(script) ?? "und", Math.Round(Share(letters, script), 3), script);
    }

    /// <returns>True if texts of a language are written so, or if the language is none of those known here and the script is Latin.</returns>
    /// <param name="language">BCP 47; one that names the Latin script (<c>hi-Latn</c>) is written so.</param>
    /// <param name="script">As <see cref="IdentifiedLanguage.Script"/> names it.</param>
    public bool Writes(string language, string script)
    {
        var parts = language.Split('-', '_');
        if (parts.Contains("Latn", StringComparer.OrdinalIgnoreCase))
            return script == "Latin";
        var scripts = ScriptsOf(parts[0]).ToList();
        return scripts.Count == 0 ? script == "Latin" : scripts.Contains(script);
    }

    private IEnumerable<string> ScriptsOf(string language) => _profiles
        .Where(profiles => profiles.Value.Languages.Contains(language, StringComparer.OrdinalIgnoreCase))
        .Select(profiles => profiles.Key)
        .Concat(Scripts.Of(language));

    private static double Share(ScriptCount letters, string script) =>
        script == "Kana" ? letters.Share("Kana") + letters.Share("Han") : letters.Share(script);

    private static IdentifiedLanguage ByLetterGroups(
        string prose, LanguageProfiles profiles, string script, double share, IReadOnlyList<string> hints)
    {
        Span<int> scores = stackalloc int[profiles.Languages.Count];
        scores.Clear();
        if (!Score(prose, profiles, scores))
            return new IdentifiedLanguage("und", 0, script);
        for (var at = 0; at < scores.Length; at++)
            scores[at] += IsHinted(profiles.Languages[at], hints) ? HintWeight : 0;
        var best = 0;
        for (var at = 1; at < scores.Length; at++)
            best = scores[at] > scores[best] ? at : best;
        var total = 0.0;
        foreach (var score in scores)
            total += Math.Exp((score - scores[best]) * NatsPerWeight);
        return new IdentifiedLanguage(profiles.Languages[best], Math.Round(share / total, 3), script);
    }

    private static bool Score(string prose, LanguageProfiles profiles, Span<int> scores)
    {
        var known = false;
        var letters = 0;
        foreach (var range in Words.In(prose))
        {
            var word = prose.AsSpan(range);
            letters += word.Length;
            if (letters > MaxLetters)
                break;
            known |= ScoreWord(word, profiles, scores);
        }
        return known;
    }

    private static bool ScoreWord(ReadOnlySpan<char> word, LanguageProfiles profiles, Span<int> scores)
    {
        if (word.Length > 64)
            return false;
        Span<char> padded = stackalloc char[word.Length + 2];
        word.ToLowerInvariant(padded[1..]);
        padded.Replace('’', '\'');
        padded[0] = padded[^1] = '_';
        var known = false;
        for (var length = 1; length <= LongestGram; length++)
        {
            for (var at = 0; at + length <= padded.Length; at++)
                known |= profiles.Add(padded.Slice(at, length), scores);
        }
        if (word.Length > LongestWholeWord)
            return known;
        padded[0] = '=';
        return known | profiles.Add(padded[..^1], scores);
    }

    private static bool IsHinted(string language, IReadOnlyList<string> hints)
    {
        foreach (var hint in hints)
        {
            if (hint.StartsWith(language, StringComparison.OrdinalIgnoreCase) && (hint.Length == language.Length || hint[language.Length] == '-'))
                return true;
        }
        return false;
    }
}

namespace Millrace.PerspectiveEmulator;

/// <summary>
/// Enough of a detector to walk every path of the contract: by script, of several scripts several languages, and of Latin letters by the
/// commonest words.
/// </summary>
internal static class Languages
{
    private static readonly (string Language, HashSet<string> Words)[] Latin =
    [
        ("en", ["the", "and", "is", "of", "to", "in", "it", "you", "that", "for", "with", "are", "this", "not"]),
        ("de", ["der", "die", "das", "und", "ist", "nicht", "ein", "eine", "ich", "mit", "auf", "für", "noch", "sich"]),
        ("fr", ["le", "les", "des", "et", "est", "une", "pas", "je", "pour", "que", "dans", "qui", "sur", "vous"]),
        ("es", ["el", "los", "las", "y", "es", "una", "por", "con", "para", "pero", "como", "más", "muy", "del"]),
        ("it", ["il", "gli", "della", "che", "non", "per", "sono", "questo", "anche", "più", "degli", "è", "nel", "una"]),
        ("pt", ["o", "os", "e", "não", "uma", "para", "com", "mas", "você", "muito", "isso", "são", "do", "da"]),
        ("nl", ["het", "een", "van", "niet", "ik", "dat", "zijn", "voor", "maar", "ook", "wat", "met", "je", "naar"]),
        ("sv", ["och", "att", "det", "som", "inte", "jag", "på", "är", "ett", "för", "med", "till", "den", "har"]),
        ("pl", ["nie", "się", "na", "jest", "że", "z", "to", "jak", "ale", "co", "dla", "tak", "był", "przez"]),
        ("cs", ["se", "na", "je", "že", "si", "jsem", "ale", "jako", "pro", "tak", "není", "který", "když", "by"]),
        ("id", ["yang", "dan", "di", "ini", "itu", "dengan", "untuk", "tidak", "dari", "akan", "pada", "saya", "ada", "juga"]),
    ];

    public static List<string> Detect(string text)
    {
        var found = text.Where(char.IsLetter).Select(Of).Distinct().ToList();
        var latin = found.IndexOf("en");
        if (latin >= 0)
            found[latin] = OfLatin(text);
        return found;
    }

    /// <summary>English unless another language's words are more.</summary>
    private static string OfLatin(string text)
    {
        var words = text.ToLowerInvariant().Split([' ', '.', ',', '!', '?', ':', ';', '\n', '"'], StringSplitOptions.RemoveEmptyEntries);
        return Latin.MaxBy(language => words.Count(language.Words.Contains)).Language;
    }

    private static string Of(char letter) => letter switch
    {
        < '\u0370' => "en",
        < '\u0400' => "el",
        < '\u0530' => "ru",
        >= '\u0590' and < '\u0600' => "he",
        >= '\u0600' and < '\u0780' => "ar",
        >= '\u3040' and < '\u3100' => "ja",
        >= '\u4E00' and < '\uA000' => "zh",
        >= '\uAC00' and < '\uD7B0' => "ko",
        _ => "und",
    };
}

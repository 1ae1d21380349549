namespace Millrace.Language;

/// <summary>Which script a letter belongs to, for the scripts that tell languages apart.</summary>
internal static class Scripts
{
    private static readonly (int First, int Last, string Script)[] Ranges =
    [
        (0x0041, 0x024F, "Latin"), (0x0250, 0x02AF, "Latin"), (0x0370, 0x03FF, "Greek"), (0x0400, 0x052F, "Cyrillic"),
        (0x0530, 0x058F, "Armenian"), (0x0590, 0x05FF, "Hebrew"), (0x0600, 0x077F, "Arabic"), (0x08A0, 0x08FF, "Arabic"),
        (0x0900, 0x097F, "Devanagari"), (0x0980, 0x09FF, "Bengali"), (0x0A00, 0x0A7F, "Gurmukhi"), (0x0A80, 0x0AFF, "Gujarati"),
        (0x0B80, 0x0BFF, "Tamil"), (0x0C00, 0x0C7F, "Telugu"), (0x0C80, 0x0CFF, "Kannada"), (0x0D00, 0x0D7F, "Malayalam"),
        (0x0D80, 0x0DFF, "Sinhala"), (0x0E00, 0x0E7F, "Thai"), (0x0E80, 0x0EFF, "Lao"), (0x1000, 0x109F, "Myanmar"),
        (0x10A0, 0x10FF, "Georgian"), (0x1100, 0x11FF, "Hangul"), (0x1200, 0x139F, "Ethiopic"), (0x1780, 0x17FF, "Khmer"),
        (0x1E00, 0x1EFF, "Latin"), (0x1F00, 0x1FFF, "Greek"), (0x3040, 0x30FF, "Kana"), (0x31F0, 0x31FF, "Kana"),
        (0x3400, 0x4DBF, "Han"), (0x4E00, 0x9FFF, "Han"), (0xAC00, 0xD7AF, "Hangul"), (0xF900, 0xFAFF, "Han"),
        (0xFB50, 0xFDFF, "Arabic"), (0xFE70, 0xFEFF, "Arabic"), (0xFF66, 0xFF9F, "Kana"), (0x20000, 0x2FA1F, "Han"),
    ];

    private static readonly Dictionary<string, string> OneLanguage = new (string Script, string Language)[]
    {
        ("Greek", "el"), ("Armenian", "hy"), ("Hebrew", "he"), ("Devanagari", "hi"), ("Bengali", "bn"), ("Gurmukhi", "pa"),
        ("Gujarati", "gu"), ("Tamil", "ta"), ("Telugu", "te"), ("Kannada", "kn"), ("Malayalam", "ml"), ("Sinhala", "si"),
        ("Thai", "th"), ("Lao", "lo"), ("Myanmar", "my"), ("Georgian", "ka"), ("Hangul", "ko"), ("Ethiopic", "am"), ("Khmer", "km"),
        ("Kana", "ja"), ("Han", "zh"),
    }.ToDictionary(pair => pair.Script, pair => pair.Language);

    /// <returns>Null for what is no letter of a known script.</returns>
    public static string? Of(int codePoint)
    {
        var (low, high) = (0, Ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var (first, last, script) = Ranges[middle];
            if (codePoint < first)
                high = middle - 1;
            else if (codePoint > last)
                low = middle + 1;
            else
                return script;
        }
        return null;
    }

    /// <returns>The scripts that give the language away; Japanese is written in that of Chinese too.</returns>
    public static IEnumerable<string> Of(string language) => OneLanguage
        .Where(pair => pair.Value.Equals(language, StringComparison.OrdinalIgnoreCase) || (pair.Key == "Han" && language.Equals("ja", StringComparison.OrdinalIgnoreCase)))
        .Select(pair => pair.Key);

    /// <returns>The language that the script gives away, or null where several share it.</returns>
    public static string? LanguageOf(string script) => OneLanguage.GetValueOrDefault(script);
}

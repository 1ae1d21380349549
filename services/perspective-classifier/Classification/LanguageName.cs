using System.Text.RegularExpressions;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>
/// A language's name as Perspective writes it: without region, and without script (<c>zh</c>) but for the one that it lists,
/// <c>hi-Latn</c>.
/// </summary>
internal static partial class LanguageName
{
    /// <param name="tag">BCP 47, such as <c>pt-BR</c>; also with an underscore.</param>
    /// <returns>Null if it names no language.</returns>
    public static string? Of(string tag)
    {
        if (Tag().Match(tag.Trim()) is not { Success: true } parts)
            return null;
        var language = parts.Groups["language"].Value.ToLowerInvariant();
        if (language == "und")
            return null;
        return language == "hi" && parts.Groups["script"].Value.Equals("Latn", StringComparison.OrdinalIgnoreCase) ? "hi-Latn" : language;
    }

    [GeneratedRegex("^(?<language>[A-Za-z]{2,3})(?:[-_](?<script>[A-Za-z]{4}))?(?:[-_][A-Za-z0-9]{1,8})*$")]
    private static partial Regex Tag();
}

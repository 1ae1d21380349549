using System.Text.RegularExpressions;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>A language's name as Perspective writes it: the language, and its script where that is named (<c>hi-Latn</c>), without a region.</summary>
internal static partial class LanguageName
{
    /// <param name="tag">BCP 47, such as <c>pt-BR</c>; also with an underscore.</param>
    /// <returns>Null if it names no language.</returns>
    public static string? Of(string tag)
    {
        if (Tag().Match(tag.Trim()) is not { Success: true } parts)
            return null;
        var language = parts.Groups["language"].Value.ToLowerInvariant();
        var script = parts.Groups["script"].Value;
        if (language == "und")
            return null;
        return script.Length == 0 ? language : $"{language}-{char.ToUpperInvariant(script[0])}{script[1..].ToLowerInvariant()}";
    }

    [GeneratedRegex("^(?<language>[A-Za-z]{2,3})(?:[-_](?<script>[A-Za-z]{4}))?(?:[-_][A-Za-z0-9]{1,8})*$")]
    private static partial Regex Tag();
}

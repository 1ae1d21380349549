using System.Text;

namespace Millrace.Preprocessing.Rules;

/// <summary>Link shorteners inside links, heaps of hashtags, and spam's own words as words, never as pieces of others.</summary>
internal sealed record SpamRule(
    RuleAction Action, IReadOnlySet<string> Shorteners, int MaxHashtags, IReadOnlyList<string> Words, int MinWords) : PostRule("spam", Action)
{
    private readonly IReadOnlyList<string> _words = [.. Words.Select(word => Spaced(word))];

    protected override (bool Passed, string Reason) Decide(PostFacts facts)
    {
        if (facts.Entities.Urls.Select(HostOf).FirstOrDefault(IsShortener) is { } host)
            return (false, $"A link goes through the shortener {host}.");
        if (facts.Entities.Hashtags.Count > MaxHashtags)
            return (false, $"{facts.Entities.Hashtags.Count} hashtags; at most {MaxHashtags} are allowed.");
        if (_words.Count == 0)
            return (true, "No sign of spam.");
        var spaced = Spaced(facts.Text);
        var found = _words.Where(word => spaced.Contains(word, StringComparison.Ordinal)).Select(word => word.Trim()).ToList();
        return found.Count >= MinWords
            ? (false, $"Words of spam: {string.Join(", ", found)}.")
            : (true, found.Count == 0 ? "No sign of spam." : $"Only {found.Count} word of spam: {string.Join(", ", found)}.");
    }

    private bool IsShortener(string? host) =>
        host is not null && (Shorteners.Contains(host) || Shorteners.Any(name => host.EndsWith("." + name, StringComparison.Ordinal)));

    private static string? HostOf(string url)
    {
        var whole = url.Contains("://", StringComparison.Ordinal) ? url : "http://" + url;
        return Uri.TryCreate(whole, UriKind.Absolute, out var parsed) ? parsed.Host.ToLowerInvariant() : null;
    }

    /// <summary>Lower case, every run of other characters than letters, digits and % one space, a space at both ends.</summary>
    private static string Spaced(string text)
    {
        var spaced = new StringBuilder(text.Length + 2).Append(' ');
        foreach (var symbol in text)
        {
            if (char.IsLetterOrDigit(symbol) || symbol == '%' || char.IsSurrogate(symbol))
                spaced.Append(char.ToLowerInvariant(symbol));
            else if (symbol is not ('\'' or '’') && spaced[^1] != ' ')
                spaced.Append(' ');
        }
        return spaced[^1] == ' ' ? spaced.ToString() : spaced.Append(' ').ToString();
    }
}

using System.Text.RegularExpressions;
using Millrace.Preprocessing.Posts;

namespace Millrace.Preprocessing.Text;

/// <summary>Finds links, mentions, hashtags and emoji.</summary>
internal static partial class EntityExtractor
{
    /// <summary>Entities of one kind that are kept; a text that holds more is no post.</summary>
    public const int MaxOfAKind = 1_000;

    public static TextEntities Extract(string text, IReadOnlyList<PostFacet> facets, IReadOnlyList<string> tags)
    {
        var urls = new DistinctList(MaxOfAKind);
        var mentions = new DistinctList(MaxOfAKind);
        var hashtags = new DistinctList(MaxOfAKind);
        foreach (var facet in facets)
        {
            urls.Add(facet.Link);
            mentions.Add(facet.Mention);
            hashtags.Add(facet.Tag);
        }
        foreach (var tag in tags)
            hashtags.Add(tag);
        AddWritten(text, urls, mentions, hashtags, markedLinks: urls.Count > 0);
        return new TextEntities(urls.Items, mentions.Items, hashtags.Items, EmojiCounter.Count(text));
    }

    /// <summary>The text without links and mentions; hashtags keep their word.</summary>
    public static string Prose(string text)
    {
        var rest = text.Contains("://", StringComparison.Ordinal) || text.Contains('.') ? Link().Replace(text, " ") : text;
        return rest.Contains('@') ? Mention().Replace(rest, " ") : rest;
    }

    private static void AddWritten(string text, DistinctList urls, DistinctList mentions, DistinctList hashtags, bool markedLinks)
    {
        var withoutLinks = Link().Replace(text, match =>
        {
            // A client shortens the links it marks to "example.org/a…": the whole address is already known.
            var url = match.ValueSpan.TrimEnd(".,;:!?)]}'\"»…");
            if (!markedLinks || url.Contains("://", StringComparison.Ordinal))
                urls.Add(url.ToString());
            return " ";
        });
        foreach (var match in Mention().EnumerateMatches(withoutLinks))
            mentions.Add(withoutLinks.Substring(match.Index + 1, match.Length - 1));
        foreach (var match in Hashtag().EnumerateMatches(withoutLinks))
            hashtags.Add(withoutLinks.Substring(match.Index + 1, match.Length - 1));
    }

    // Either with its scheme, or www., or a bare host of a known kind with a path.
    [GeneratedRegex(@"https?://[^\s<>""]+|(?<![\p{L}\p{N}@./-])(?:www\.[a-z0-9-]{1,63}|[a-z0-9-]{1,63})(?:\.[a-z0-9-]{1,63}){0,3}\.[a-z]{2,10}/[^\s<>""]*|(?<![\p{L}\p{N}@./-])www\.[a-z0-9-]{1,63}\.[a-z]{2,10}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<![\p{L}\p{N}_@.])@[a-z0-9_](?:[a-z0-9_-]|\.(?=[a-z0-9_]))*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Mention();

    [GeneratedRegex(@"(?<![\p{L}\p{N}_&/])[#\uFF03](?=[\p{N}_]{0,100}\p{L})[\p{L}\p{M}\p{N}_\u200C\u200D]+", RegexOptions.CultureInvariant)]
    private static partial Regex Hashtag();

    private sealed class DistinctList(int limit)
    {
        private readonly List<string> _items = [];
        private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);

        public IReadOnlyList<string> Items => _items;

        public int Count => _items.Count;

        public void Add(string? item)
        {
            if (!string.IsNullOrEmpty(item) && _items.Count < limit && _seen.Add(item))
                _items.Add(item);
        }
    }
}

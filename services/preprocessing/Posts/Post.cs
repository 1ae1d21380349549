using System.Text.Json;

namespace Millrace.Preprocessing.Posts;

/// <summary>A post as it came, whatever its shape.</summary>
/// <param name="Uri">What names the post.</param>
/// <param name="Text">As written; may hold anything.</param>
/// <param name="UnpairedSurrogates">How many halves of a character the text held; each is now U+FFFD.</param>
/// <param name="Extra">Fields of a plain post that are not Millrace's own: later steps receive them as they are.</param>
internal sealed record Post(
    string Uri,
    string Text,
    int UnpairedSurrogates,
    string? Cid,
    string? CreatedAt,
    IReadOnlyList<string> Langs,
    PostAuthor? Author,
    IReadOnlyList<string> Labels,
    IReadOnlyList<string> Tags,
    PostReply? Reply,
    IReadOnlyList<PostFacet> Facets,
    IReadOnlyDictionary<string, JsonElement> Extra);

/// <summary>Who wrote it.</summary>
public sealed record PostAuthor(string? Did, string? Handle, string? DisplayName);

/// <summary>What it answers: URIs of the parent and of the thread's first post.</summary>
public sealed record PostReply(string? Parent, string? Root);

/// <summary>A link, mention or tag that the author's client has marked.</summary>
internal sealed record PostFacet(string? Link, string? Mention, string? Tag);

namespace Millrace.Preprocessing.Text;

/// <summary>What a text points at, each once, in the order it comes.</summary>
/// <param name="Urls">Links; those that the author's client has marked are given in full.</param>
/// <param name="Mentions">Handles or dids, without the @.</param>
/// <param name="Hashtags">Without the #, as written.</param>
/// <param name="EmojiCount">Emoji as seen: a family, a flag or a skin tone is one.</param>
public sealed record TextEntities(
    IReadOnlyList<string> Urls, IReadOnlyList<string> Mentions, IReadOnlyList<string> Hashtags, int EmojiCount);

namespace Millrace.Inference.Tokenizers;

/// <summary>Tokens that are found in the text as they stand, before it is split: <c>[MASK]</c>, <c>&lt;extra_id_0&gt;</c> ...</summary>
/// <param name="Raw">Looked for in the text itself.</param>
/// <param name="Normalized">Looked for in the normalised text.</param>
internal sealed record AddedTokens(AddedTokenMatcher Raw, AddedTokenMatcher Normalized)
{
    /// <summary>Without a normaliser the two kinds are one.</summary>
    public static AddedTokens Create(IReadOnlyList<AddedToken> tokens, bool hasNormalizer) => hasNormalizer
        ? new(new([.. tokens.Where(token => !token.Normalized)]), new([.. tokens.Where(token => token.Normalized)]))
        : new(new(tokens), new([]));
}

/// <param name="LeftStrip">The match takes the white space before it.</param>
/// <param name="RightStrip">The match takes the white space after it.</param>
/// <param name="SingleWord">Matches only where no letter or digit touches it.</param>
internal sealed record AddedToken(string Content, int Id, bool LeftStrip, bool RightStrip, bool SingleWord, bool Normalized);

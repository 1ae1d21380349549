namespace Millrace.Inference.Tokenizers.Unigram;

/// <summary>How spaces become part of the pieces.</summary>
/// <param name="SplitsAtWhiteSpace">Words are cut at any white space first, which is then gone.</param>
/// <param name="Prepend">Whether a word, or a text, that has no mark before it gets one.</param>
/// <param name="SplitsAtMark">Each mark begins a piece of its own.</param>
internal sealed record Metaspace(bool SplitsAtWhiteSpace, PrependScheme Prepend, bool SplitsAtMark = true)
{
    public const char Mark = '\u2581';
}

internal enum PrependScheme
{
    Always,
    First,
    Never,
}

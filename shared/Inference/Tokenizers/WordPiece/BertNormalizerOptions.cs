namespace Millrace.Inference.Tokenizers.WordPiece;

/// <summary>The flags of the normaliser that BERT's tokenizers share, with their published defaults.</summary>
/// <param name="StripAccents">Null follows <paramref name="Lowercase"/>.</param>
internal sealed record BertNormalizerOptions(
    bool CleanText = true, bool IsolateCjk = true, bool? StripAccents = null, bool Lowercase = true)
{
    public bool StripsAccents => StripAccents ?? Lowercase;
}

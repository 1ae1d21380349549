namespace Millrace.Inference.Tokenizers;

/// <summary>One way of splitting text into subwords. Holds no state between calls but what is in the scratch.</summary>
internal interface IPieceEncoder
{
    /// <summary>Appends the ids of a piece of text that holds no added token.</summary>
    /// <param name="text">May be empty.</param>
    /// <param name="first">True if nothing of the text stands before this piece.</param>
    /// <param name="scratch">Receives the ids.</param>
    void Encode(ReadOnlySpan<char> text, bool first, EncoderScratch scratch);

    /// <summary>The text as the vocabulary spells it, before it is split into words.</summary>
    ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text);
}

namespace Millrace.Inference.Tokenizers;

/// <summary>Turns text into the ids that a model was trained on. Safe for use from many threads at once.</summary>
public interface ITextTokenizer
{
    /// <summary>The id that fills a row up to the longest of its batch.</summary>
    int PaddingId { get; }

    /// <summary>Valid ids are 0 to this, exclusive.</summary>
    int VocabularySize { get; }

    /// <summary>How many ids are put around every text, such as the two of <c>[CLS] ... [SEP]</c>.</summary>
    int SpecialTokens { get; }

    /// <summary>Lone surrogates read as U+FFFD. The time is linear in the length of the text.</summary>
    TokenizedText Encode(ReadOnlySpan<char> text, TokenLimit limit);

    /// <summary>Puts the special tokens around ids that a caller has made, and truncates as <see cref="Encode"/> does.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    TokenizedText Wrap(ReadOnlySpan<int> ids, TokenLimit limit);
}

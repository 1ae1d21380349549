namespace Millrace.Inference.Tokenizers;

/// <summary>A text as a model reads it.</summary>
/// <param name="Ids">With the special tokens, at most as many as the limit allows; may be empty where a model has no special tokens.</param>
/// <param name="Truncated">True if the text was longer and a part of it is not in <paramref name="Ids"/>.</param>
public sealed record TokenizedText(int[] Ids, bool Truncated)
{
    public int Tokens => Ids.Length;
}

namespace Millrace.Inference.Tokenizers;

/// <summary>How long a text may be for the model, and what is kept of a longer one.</summary>
/// <param name="MaxTokens">Special tokens included.</param>
/// <param name="Keep">Which part of a longer text stays.</param>
public readonly record struct TokenLimit(int MaxTokens, KeptPart Keep = KeptPart.Head)
{
    public static TokenLimit None { get; } = new(int.MaxValue);
}

/// <summary>The part of a long text that a model gets to see.</summary>
public enum KeptPart
{
    /// <summary>The beginning; the end is cut off.</summary>
    Head,

    /// <summary>The end; the beginning is cut off.</summary>
    Tail,

    /// <summary>The first and the last half of what fits (256 + 256 of 512); the middle is cut out.</summary>
    BothEnds,
}

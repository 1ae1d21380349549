namespace Millrace.Inference.Batching;

/// <summary>How large a batch may be.</summary>
/// <param name="MaxTokens">Padding counted: rows times the longest row. One item alone may exceed it.</param>
/// <param name="MaxItems">At least 1.</param>
/// <param name="MaxPaddingShare">The part of those tokens, 0 to 1, that may be padding.</param>
public readonly record struct BatchLimits(int MaxTokens, int MaxItems, double MaxPaddingShare = 1);

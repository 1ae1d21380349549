namespace Millrace.Inference.Tokenizers;

/// <summary>The ids before and after every text, and where a long text is cut so that they still fit.</summary>
internal sealed record SequenceTemplate(int[] Before, int[] After)
{
    public static SequenceTemplate None { get; } = new([], []);

    public int SpecialTokens => Before.Length + After.Length;

    public TokenizedText Apply(ReadOnlySpan<int> ids, TokenLimit limit)
    {
        var room = Math.Max(0, limit.MaxTokens - SpecialTokens);
        var kept = Math.Min(room, ids.Length);
        var head = limit.Keep switch
        {
            KeptPart.Head => kept,
            KeptPart.Tail => 0,
            _ => (kept + 1) / 2,
        };
        var row = new int[SpecialTokens + kept];
        var rest = row.AsSpan();
        Before.CopyTo(rest);
        rest = rest[Before.Length..];
        ids[..head].CopyTo(rest);
        ids[^(kept - head)..].CopyTo(rest[head..]);
        After.CopyTo(rest[kept..]);
        return new TokenizedText(row, kept < ids.Length);
    }
}

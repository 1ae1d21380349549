namespace Millrace.Preprocessing.Duplicates;

/// <summary>What an earlier post a post repeats.</summary>
/// <param name="ExactOf">URI of the first post with the very same text.</param>
/// <param name="NearOf">URI of an earlier post that is almost the same.</param>
/// <param name="Likeness">Estimated Jaccard likeness with <paramref name="NearOf"/>, 0 to 1.</param>
internal sealed record DuplicateVerdict(string? ExactOf, string? NearOf, double Likeness)
{
    public static DuplicateVerdict None { get; } = new(null, null, 0);
}

namespace Millrace.DriftMonitor.Detection;

/// <summary>
/// A detector's posts by their numbers, in chunks of which only the last still grows. A chunk is never written without a post that it
/// had before, so a save that was cut short takes nothing from the one before it.
/// </summary>
internal sealed class PostLog
{
    /// <summary>About what a chunk holds at most, far below what a document may; a save writes the growing one again.</summary>
    private const int ChunkBytes = 64 << 10;

    private const int MaxChunkPosts = 512;

    private const int NameBytes = 64;

    private readonly List<WatchedPost> _tail;
    private readonly SortedSet<long> _chunks;
    private long _savedThrough;

    public PostLog(int dimensions)
        : this(Math.Clamp(ChunkBytes / (dimensions * sizeof(float) + NameBytes), 1, MaxChunkPosts), [], [], 0)
    {
    }

    /// <param name="chunks">Numbers of the chunks that the store has.</param>
    /// <param name="tail">The posts of the chunk that still grows.</param>
    /// <param name="savedThrough">The number of the last post in the store.</param>
    public PostLog(int chunkPosts, IEnumerable<long> chunks, IEnumerable<WatchedPost> tail, long savedThrough)
    {
        ChunkPosts = chunkPosts;
        _chunks = [.. chunks];
        _tail = [.. tail];
        _savedThrough = savedThrough;
    }

    public int ChunkPosts { get; }

    /// <summary>The chunk that holds, or will hold, the post of this number.</summary>
    public static long ChunkOf(long number, int chunkPosts) => (number - 1) / chunkPosts;

    public static long FirstOf(long chunk, int chunkPosts) => chunk * chunkPosts + 1;

    /// <summary>Chunks from which the windows are read again, and the one that still grows.</summary>
    public static SortedSet<long> Needed(long seen, int chunkPosts, WindowHead reference, WindowHead current)
    {
        var needed = new SortedSet<long>();
        if (seen > 0)
            needed.Add(ChunkOf(seen, chunkPosts));
        foreach (var window in new[] { reference, current }.Where(window => window.Count > 0))
        {
            for (var chunk = ChunkOf(window.First, chunkPosts); chunk <= ChunkOf(window.First + window.Count - 1, chunkPosts); chunk++)
                needed.Add(chunk);
        }
        return needed;
    }

    public void Append(WatchedPost post) => _tail.Add(post);

    public DetectorSave Snapshot(DetectorState state, bool withTests)
    {
        var grown = _tail.GroupBy(post => ChunkOf(post.Number, ChunkPosts)).Where(chunk => chunk.Last().Number > _savedThrough)
            .Select(chunk => (Chunk: chunk.Key, Body: DetectorCodec.WritePosts(chunk))).ToList();
        var all = new SortedSet<long>(_chunks.Concat(grown.Select(chunk => chunk.Chunk)));
        var needed = Needed(state.Seen, ChunkPosts, WindowHead.Of(state.Reference), WindowHead.Of(state.Current));
        return new DetectorSave(
            state.Name, grown.FindAll(chunk => needed.Contains(chunk.Chunk)), withTests ? DetectorCodec.WriteTests(state.History) : null,
            DetectorCodec.WriteHead(state, ChunkPosts, [.. all]), [.. all.Except(needed)], state.Seen, state.PendingAlarms);
    }

    public void Saved(DetectorSave save)
    {
        _chunks.UnionWith(save.Chunks.Select(chunk => chunk.Chunk));
        _chunks.ExceptWith(save.Obsolete);
        _savedThrough = save.Seen;
        _tail.RemoveAll(post => ChunkOf(post.Number, ChunkPosts) < ChunkOf(save.Seen + 1, ChunkPosts));
    }
}

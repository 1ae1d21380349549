using Millrace.Storage;
using Millrace.Storage.Documents;

namespace Millrace.DriftMonitor.Detection;

/// <summary>What one save of a detector writes, taken at a moment when nobody changed it.</summary>
/// <param name="Chunks">Posts that are new, with those before them in the same chunk.</param>
/// <param name="Tests">Null: there is no new one.</param>
/// <param name="Obsolete">Chunks that no window needs any more.</param>
/// <param name="Seen">The number of the last post.</param>
internal sealed record DetectorSave(
    string Name, List<(long Chunk, byte[] Body)> Chunks, byte[]? Tests, byte[] Head, List<long> Obsolete, long Seen, IReadOnlyList<DriftAlarm> Alarms);

/// <summary>
/// Detectors as documents: a head, the past tests, and the posts in chunks, so that no window is too large for a document. Only what a head
/// names counts; it is written after what it names, and what it names no more is deleted after it.
/// </summary>
internal sealed class DetectorStore(IDocumentStore documents)
{
    public const string HeadPrefix = "drift-detectors/";

    /// <summary>Detectors, and chunks of one, that are written beside each other.</summary>
    public const int WritesAtOnce = 8;

    private const string TestsPrefix = "drift-tests/";

    private const string PostsPrefix = "drift-posts/";

    /// <exception cref="StoreException">A part of a detector is missing.</exception>
    public async Task<IReadOnlyList<(DetectorState State, PostLog Log)>> LoadAsync(int limit, CancellationToken cancellationToken)
    {
        var loaded = new List<(DetectorState State, PostLog Log)>();
        foreach (var document in await documents.ListAsync(HeadPrefix, limit, cancellationToken))
            loaded.Add(await LoadAsync(DetectorCodec.ReadHead(document.Body.Span), cancellationToken));
        return loaded;
    }

    public async Task WriteAsync(DetectorSave save, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(
            save.Chunks, new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce, CancellationToken = cancellationToken },
            async (chunk, stopping) => await PutAsync(KeyOf(save.Name, chunk.Chunk), chunk.Body, stopping));
        if (save.Tests is { } tests)
            await PutAsync(TestsPrefix + save.Name, tests, cancellationToken);
        await PutAsync(HeadPrefix + save.Name, save.Head, cancellationToken);
        foreach (var chunk in save.Obsolete)
            await documents.DeleteAsync(KeyOf(save.Name, chunk), cancellationToken);
    }

    private async Task<(DetectorState State, PostLog Log)> LoadAsync(DetectorHead head, CancellationToken cancellationToken)
    {
        var posts = new Dictionary<long, WatchedPost>();
        foreach (var chunk in PostLog.Needed(head.Seen, head.ChunkPosts, head.Reference, head.Current))
        {
            foreach (var post in await ReadPostsAsync(head, chunk, cancellationToken))
                posts[post.Number] = post;
        }
        var state = new DetectorState
        {
            Name = head.Name,
            Dimensions = head.Dimensions,
            ReferenceVersion = head.ReferenceVersion,
            Seen = head.Seen,
            SinceTest = head.SinceTest,
            Drifting = head.Drifting,
            QuietTests = head.QuietTests,
            History = await ReadTestsAsync(head, cancellationToken),
            Driving = head.Driving,
            PendingAlarms = head.PendingAlarms,
            Reference = Fill(head, head.Reference, posts),
            Current = Fill(head, head.Current, posts),
        };
        var tail = posts.Values.Where(post =>
            post.Number <= head.Seen && PostLog.ChunkOf(post.Number, head.ChunkPosts) == PostLog.ChunkOf(head.Seen + 1, head.ChunkPosts));
        return (state, new PostLog(head.ChunkPosts, head.Chunks, tail.OrderBy(post => post.Number), head.Seen));
    }

    private async Task<List<WatchedPost>> ReadPostsAsync(DetectorHead head, long chunk, CancellationToken cancellationToken) =>
        await documents.GetAsync(KeyOf(head.Name, chunk), cancellationToken) is { } document
            ? DetectorCodec.ReadPosts(document.Body.Span, head.Dimensions, PostLog.FirstOf(chunk, head.ChunkPosts))
            : throw Missing(head, KeyOf(head.Name, chunk));

    /// <summary>Tests that were written before a head that never came are taken off.</summary>
    private async Task<List<DriftTest>> ReadTestsAsync(DetectorHead head, CancellationToken cancellationToken) =>
        await documents.GetAsync(TestsPrefix + head.Name, cancellationToken) is { } document
            ? DetectorCodec.ReadTests(document.Body.Span).FindAll(test => test.Seen <= head.Seen)
            : [];

    private static PostWindow Fill(DetectorHead head, WindowHead window, Dictionary<long, WatchedPost> posts)
    {
        var filled = new PostWindow(window.Capacity);
        for (var number = window.First; number < window.First + window.Count; number++)
        {
            if (!posts.TryGetValue(number, out var post))
                throw Missing(head, $"post {number}");
            filled.Add(post);
        }
        return filled;
    }

    private static StoreException Missing(DetectorHead head, string what) => new(
        StoreFailure.Corrupt,
        $"The detector {head.Name} cannot be read: {what} is missing. Restore a copy of the store, or delete the document '{HeadPrefix}{head.Name}' to let it begin anew.");

    private static string KeyOf(string name, long chunk) => $"{PostsPrefix}{name}/{chunk}";

    private Task PutAsync(string key, byte[] body, CancellationToken cancellationToken) =>
        documents.PutAsync(key, body, expectedVersion: null, cancellationToken);
}

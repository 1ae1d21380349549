using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.DriftMonitor.Detection;

/// <summary>What of a detector is written at each save: everything but its tests and its posts, which it only counts.</summary>
/// <param name="ChunkPosts">Posts in a full chunk.</param>
/// <param name="Chunks">Numbers of the chunks that the store has.</param>
internal sealed record DetectorHead(
    string Name, int Dimensions, int ReferenceVersion, long Seen, int SinceTest, bool Drifting, int QuietTests, IReadOnlyList<DrivingPost> Driving,
    IReadOnlyList<DriftAlarm> PendingAlarms, WindowHead Reference, WindowHead Current, int ChunkPosts, IReadOnlyList<long> Chunks);

/// <param name="First">The number of the first post; 0 if there is none.</param>
internal sealed record WindowHead(int Capacity, long First, int Count)
{
    public static WindowHead Of(PostWindow window) => new(window.Capacity, window.Posts.FirstOrDefault()?.Number ?? 0, window.Count);
}

/// <summary>Writes the parts of a detector as bytes: heads and tests as JSON, posts as a JSON array of their names and their vectors as floats.</summary>
internal static class DetectorCodec
{
    public static byte[] WriteHead(DetectorState state, int chunkPosts, IReadOnlyList<long> chunks) => JsonSerializer.SerializeToUtf8Bytes(
        new DetectorHead(
            state.Name, state.Dimensions, state.ReferenceVersion, state.Seen, state.SinceTest, state.Drifting, state.QuietTests, state.Driving,
            state.PendingAlarms, WindowHead.Of(state.Reference), WindowHead.Of(state.Current), chunkPosts, chunks),
        MillraceJson.Options);

    public static DetectorHead ReadHead(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<DetectorHead>(bytes, MillraceJson.Options)!;

    public static byte[] WriteTests(IReadOnlyList<DriftTest> tests) => JsonSerializer.SerializeToUtf8Bytes(tests, MillraceJson.Options);

    public static List<DriftTest> ReadTests(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<List<DriftTest>>(bytes, MillraceJson.Options)!;

    public static byte[] WritePosts(IEnumerable<WatchedPost> posts)
    {
        var names = JsonSerializer.SerializeToUtf8Bytes(posts.Select(post => post.Post), MillraceJson.Options);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(names.Length);
        writer.Write(names);
        foreach (var post in posts)
            writer.Write(MemoryMarshal.AsBytes<float>(post.Vector));
        writer.Flush();
        return bytes.ToArray();
    }

    /// <param name="first">The number of the first post.</param>
    public static List<WatchedPost> ReadPosts(ReadOnlySpan<byte> bytes, int dimensions, long first)
    {
        var length = MemoryMarshal.Read<int>(bytes);
        var names = JsonSerializer.Deserialize<string[]>(bytes.Slice(sizeof(int), length), MillraceJson.Options)!;
        var vectors = bytes[(sizeof(int) + length)..];
        var posts = new List<WatchedPost>(names.Length);
        foreach (var name in names)
        {
            posts.Add(new WatchedPost(first + posts.Count, name, MemoryMarshal.Cast<byte, float>(vectors[..(dimensions * sizeof(float))]).ToArray()));
            vectors = vectors[(dimensions * sizeof(float))..];
        }
        return posts;
    }
}

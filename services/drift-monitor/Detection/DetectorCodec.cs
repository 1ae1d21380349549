using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.DriftMonitor.Detection;

/// <summary>Writes a detector's state as bytes: a JSON head, then the vectors of both windows as floats.</summary>
internal static class DetectorCodec
{
    private sealed record Head(
        string Name, int Dimensions, int ReferenceVersion, long Seen, int SinceTest, bool Drifting, int QuietTests,
        List<DriftTest> History, IReadOnlyList<DrivingPost> Driving, WindowHead Reference, WindowHead Current);

    private sealed record WindowHead(int Capacity, string[] Posts);

    public static byte[] Write(DetectorState state)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new Head(
                state.Name, state.Dimensions, state.ReferenceVersion, state.Seen, state.SinceTest, state.Drifting, state.QuietTests,
                state.History, state.Driving, ToHead(state.Reference), ToHead(state.Current)),
            MillraceJson.Options);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(head.Length);
        writer.Write(head);
        foreach (var (_, vector) in state.Reference.Posts.Concat(state.Current.Posts))
            writer.Write(MemoryMarshal.AsBytes<float>(vector));
        writer.Flush();
        return bytes.ToArray();
    }

    public static DetectorState Read(ReadOnlySpan<byte> bytes)
    {
        var length = MemoryMarshal.Read<int>(bytes);
        var head = JsonSerializer.Deserialize<Head>(bytes.Slice(sizeof(int), length), MillraceJson.Options)!;
        var vectors = bytes[(sizeof(int) + length)..];
        return new DetectorState
        {
            Name = head.Name,
            Dimensions = head.Dimensions,
            ReferenceVersion = head.ReferenceVersion,
            Seen = head.Seen,
            SinceTest = head.SinceTest,
            Drifting = head.Drifting,
            QuietTests = head.QuietTests,
            History = head.History,
            Driving = head.Driving,
            Reference = ReadWindow(head.Reference, head.Dimensions, ref vectors),
            Current = ReadWindow(head.Current, head.Dimensions, ref vectors),
        };
    }

    private static WindowHead ToHead(PostWindow window) => new(window.Capacity, [.. window.Posts.Select(post => post.Post)]);

    private static PostWindow ReadWindow(WindowHead head, int dimensions, ref ReadOnlySpan<byte> vectors)
    {
        var window = new PostWindow(head.Capacity);
        foreach (var post in head.Posts)
        {
            window.Add(post, MemoryMarshal.Cast<byte, float>(vectors[..(dimensions * sizeof(float))]).ToArray());
            vectors = vectors[(dimensions * sizeof(float))..];
        }
        return window;
    }
}

using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Detection;

/// <param name="Number">Which post of its detector it is, from 1 without gaps.</param>
/// <param name="Post">The request's key, or its id if it has none.</param>
public sealed record WatchedPost(long Number, string Post, float[] Vector);

/// <summary>The last posts that came, at most as many as it was made for, oldest first.</summary>
public sealed class PostWindow(int capacity)
{
    private readonly Queue<WatchedPost> _posts = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public int Capacity { get; } = capacity;

    public int Count => _posts.Count;

    public bool IsFull => _posts.Count == Capacity;

    public IEnumerable<WatchedPost> Posts => _posts;

    /// <returns>False as well for a post without a name, since such ones cannot be told apart.</returns>
    public bool Contains(string post) => post.Length > 0 && _names.Contains(post);

    public void Add(WatchedPost post)
    {
        if (IsFull)
            _names.Remove(_posts.Dequeue().Post);
        _posts.Enqueue(post);
        _names.Add(post.Post);
    }

    public Samples ToSamples() => new([.. _posts.SelectMany(post => post.Vector)], _posts.Peek().Vector.Length);

    /// <summary>The same posts, or the last of them if there are more than <paramref name="capacity"/>.</summary>
    public PostWindow Copy(int capacity)
    {
        var copy = new PostWindow(capacity);
        foreach (var post in _posts)
            copy.Add(post);
        return copy;
    }
}

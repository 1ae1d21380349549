using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Detection;

/// <summary>The last posts that came, at most as many as it was made for, oldest first.</summary>
public sealed class PostWindow(int capacity)
{
    private readonly Queue<(string Post, float[] Vector)> _posts = new();

    public int Capacity { get; } = capacity;

    public int Count => _posts.Count;

    public bool IsFull => _posts.Count == Capacity;

    public IEnumerable<(string Post, float[] Vector)> Posts => _posts;

    public void Add(string post, float[] vector)
    {
        if (IsFull)
            _posts.Dequeue();
        _posts.Enqueue((post, vector));
    }

    public Samples ToSamples() => new([.. _posts.SelectMany(post => post.Vector)], _posts.Peek().Vector.Length);

    public PostWindow Copy(int capacity)
    {
        var copy = new PostWindow(capacity);
        foreach (var (post, vector) in _posts)
            copy.Add(post, vector);
        return copy;
    }
}

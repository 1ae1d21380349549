namespace Millrace.PerspectiveEmulator;

/// <summary>The most arrivals in any window of one second, wherever it begins.</summary>
internal sealed class BusiestSecond
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Queue<TimeSpan> _last = new();

    public int Most { get; private set; }

    public void Add(TimeSpan now)
    {
        while (_last.TryPeek(out var oldest) && now - oldest >= Second)
            _last.Dequeue();
        _last.Enqueue(now);
        Most = Math.Max(Most, _last.Count);
    }
}

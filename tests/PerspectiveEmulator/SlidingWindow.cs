namespace Millrace.PerspectiveEmulator;

/// <summary>Strict: never more than so many accepted calls in any window of that length, wherever it begins.</summary>
internal sealed class SlidingWindow(int permits, TimeSpan window)
{
    private readonly Queue<TimeSpan> _accepted = new();

    public int Permits => permits;

    public bool TryAccept(TimeSpan now)
    {
        while (_accepted.TryPeek(out var oldest) && now - oldest >= window)
            _accepted.Dequeue();
        if (_accepted.Count >= permits)
            return false;
        _accepted.Enqueue(now);
        return true;
    }
}

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>Since when the API has not worked at all: refused every call, or failed so often that hardly any is made.</summary>
internal sealed class Standstill(TimeProvider clock, TimeSpan longest)
{
    private readonly Lock _lock = new();
    private long? _since;

    /// <summary>It does not work now.</summary>
    /// <returns>True if it has not for so long that nobody should wait for it any more.</returns>
    public bool Lasts()
    {
        lock (_lock)
            return clock.GetElapsedTime(_since ??= clock.GetTimestamp()) >= longest;
    }

    /// <summary>It has answered as one that works.</summary>
    public void End()
    {
        lock (_lock)
            _since = null;
    }
}

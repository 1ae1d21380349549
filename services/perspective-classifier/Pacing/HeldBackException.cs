namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>Nothing may leave for longer than a call may wait for its turn.</summary>
internal sealed class HeldBackException(TimeSpan time) : Exception($"Nothing leaves for {time.TotalSeconds:0.0} s.")
{
    public TimeSpan For => time;
}

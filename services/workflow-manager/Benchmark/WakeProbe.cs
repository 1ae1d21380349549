using System.Diagnostics;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>
/// How much too late a thread that only sleeps is woken on this machine at this time: what no program on it can be quicker than.
/// </summary>
internal sealed class WakeProbe : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly ManualResetEventSlim _stop = new();
    private readonly List<double> _late = [];
    private readonly Thread _thread;

    public WakeProbe()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "wake probe" };
        _thread.Start();
    }

    public Spread? Stop()
    {
        _stop.Set();
        _thread.Join();
        return Spread.Of(_late);
    }

    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    private void Run()
    {
        var started = Stopwatch.GetTimestamp();
        while (!_stop.WaitHandle.WaitOne(Interval))
        {
            _late.Add(Math.Max(0, (Stopwatch.GetElapsedTime(started) - Interval).TotalMilliseconds));
            started = Stopwatch.GetTimestamp();
        }
    }
}

using System.Diagnostics.Metrics;
using Millrace.WorkflowManager.Runtime;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Gathers what the meter of a manager in this process says of its transactions.</summary>
internal sealed class CommitMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<double> _seconds = [];

    public CommitMeter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RuntimeMeter.Name && instrument.Name == "millrace.commit.duration")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            lock (_seconds)
                _seconds.Add(seconds);
        });
        _listener.Start();
    }

    public (Spread? Spread, double Seconds) Take()
    {
        lock (_seconds)
            return (Spread.Of(_seconds.Select(seconds => 1_000 * seconds)), _seconds.Sum());
    }

    public void Dispose() => _listener.Dispose();
}

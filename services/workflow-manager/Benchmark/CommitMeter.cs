using System.Diagnostics.Metrics;
using Millrace.WorkflowManager.Runtime;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Adds up what the manager's meter says of its transactions.</summary>
internal sealed class CommitMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();

    public CommitMeter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RuntimeMeter.Name && instrument.Name == "millrace.commit.duration")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            lock (_lock)
            {
                Commits++;
                Seconds += seconds;
            }
        });
        _listener.Start();
    }

    public long Commits { get; private set; }

    public double Seconds { get; private set; }

    public void Dispose() => _listener.Dispose();
}

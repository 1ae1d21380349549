using System.Diagnostics.Metrics;
using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>What the manager counts; meter <c>Millrace.WorkflowManager</c>.</summary>
internal sealed class RuntimeMeter : IDisposable
{
    public const string Name = "Millrace.WorkflowManager";

    private readonly Counter<long> _ingested;
    private readonly Counter<long> _replies;
    private readonly Counter<long> _finished;
    private readonly Histogram<double> _commitSeconds;
    private readonly Histogram<int> _commitChanges;
    private readonly Counter<long> _notCached;
    private readonly Counter<long> _effectFailures;

    private volatile IReadOnlyList<Measurement<long>> _stuck = [];

    public Meter Meter { get; } = new(Name);

    public RuntimeMeter()
    {
        _ingested = Meter.CreateCounter<long>("millrace.ingested", "{request}", "Posts taken from the ingest exchange.");
        _replies = Meter.CreateCounter<long>("millrace.replies", "{reply}", "Replies of workers.");
        _finished = Meter.CreateCounter<long>("millrace.finished", "{request}", "Requests that ended, by workflow and status.");
        _commitSeconds = Meter.CreateHistogram<double>("millrace.commit.duration", "s", "One transaction of the store.");
        _commitChanges = Meter.CreateHistogram<int>("millrace.commit.changes", "{change}", "Requests changed by one transaction.");
        _notCached = Meter.CreateCounter<long>("millrace.cache.dropped", "{output}", "Outputs not kept in the result cache, by reason.");
        _effectFailures = Meter.CreateCounter<long>("millrace.effects.failed", "{effect}", "Effects that failed by themselves and are tried again, by kind.");
        Meter.CreateObservableGauge("millrace.stuck", () => _stuck, "{request}", "Requests that the watchdog's last walk found stuck, by workflow and code.");
    }

    public void Ingested(string workflow, int count) => _ingested.Add(count, KeyValuePair.Create<string, object?>("workflow", workflow));

    public void Replied(int count) => _replies.Add(count);

    public void Committed(int changes, TimeSpan took)
    {
        _commitSeconds.Record(took.TotalSeconds);
        _commitChanges.Record(changes);
    }

    public void Finished(RequestRecord record) => _finished.Add(
        1, KeyValuePair.Create<string, object?>("workflow", record.Workflow), KeyValuePair.Create<string, object?>("status", record.Status));

    /// <summary>From now on these are stuck and no others; none where another manager is the watchdog.</summary>
    public void Stuck(IEnumerable<(string Workflow, string Code, int Count)> found) => _stuck =
    [
        .. found.Select(each => new Measurement<long>(
            each.Count, KeyValuePair.Create<string, object?>("workflow", each.Workflow), KeyValuePair.Create<string, object?>("code", each.Code))),
    ];

    /// <param name="reason"><c>full</c>: too much waits to be written; <c>too_large</c>: no entry takes it; <c>store</c>: the write failed.</param>
    public void NotCached(string reason, int count) => _notCached.Add(count, KeyValuePair.Create<string, object?>("reason", reason));

    public void EffectFailed(string kind) => _effectFailures.Add(1, KeyValuePair.Create<string, object?>("kind", kind));

    public void Dispose() => Meter.Dispose();
}

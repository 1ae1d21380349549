using System.Diagnostics.Metrics;
using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>What the manager counts; meter <c>Millrace.WorkflowManager</c>.</summary>
internal sealed class RuntimeMeter : IDisposable
{
    public const string Name = "Millrace.WorkflowManager";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _ingested;
    private readonly Counter<long> _replies;
    private readonly Counter<long> _finished;
    private readonly Histogram<double> _commitSeconds;
    private readonly Histogram<int> _commitChanges;
    private readonly Counter<long> _stuck;

    public RuntimeMeter()
    {
        _ingested = _meter.CreateCounter<long>("millrace.ingested", "{request}", "Posts taken from the ingest exchange.");
        _replies = _meter.CreateCounter<long>("millrace.replies", "{reply}", "Replies of workers.");
        _finished = _meter.CreateCounter<long>("millrace.finished", "{request}", "Requests that ended, by workflow and status.");
        _commitSeconds = _meter.CreateHistogram<double>("millrace.commit.duration", "s", "One transaction of the store.");
        _commitChanges = _meter.CreateHistogram<int>("millrace.commit.changes", "{change}", "Requests changed by one transaction.");
        _stuck = _meter.CreateCounter<long>("millrace.stuck", "{request}", "Requests found stuck by the watchdog, by workflow and code.");
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

    public void Stuck(string workflow, string code, int count) => _stuck.Add(
        count, KeyValuePair.Create<string, object?>("workflow", workflow), KeyValuePair.Create<string, object?>("code", code));

    public void Dispose() => _meter.Dispose();
}

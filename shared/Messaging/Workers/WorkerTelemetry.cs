using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Millrace.Messaging.Workers;

/// <summary>What a worker's shell measures and traces, under the name <c>Millrace.Messaging</c>.</summary>
internal static class WorkerTelemetry
{
    private const string Name = "Millrace.Messaging";

    private static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Handled = Meter.CreateCounter<long>("millrace.worker.handled", description: "Items completed.");

    private static readonly Counter<long> Failed = Meter.CreateCounter<long>("millrace.worker.failed", description: "Items failed or throttled, by type.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("millrace.worker.duration", "s", "Calls of the handler.");

    private static readonly UpDownCounter<long> InProgress = Meter.CreateUpDownCounter<long>("millrace.worker.in_progress", description: "Items in the handler.");

    /// <summary>One span a call: the child of its first message's span, linked to the others'.</summary>
    public static Activity? StartCall(string queue, IReadOnlyList<StepMessage> messages)
    {
        if (!Source.HasListeners())
            return null;
        var contexts = messages
            .Select(message => ActivityContext.TryParse(message.TraceParent, null, isRemote: true, out var context) ? context : default)
            .Where(context => context != default).Distinct().ToArray();
        var activity = Source.StartActivity(
            ActivityKind.Consumer, contexts.FirstOrDefault(), links: contexts.Skip(1).Select(context => new ActivityLink(context)), name: $"process {queue}");
        activity?.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", queue)
            .SetTag("messaging.batch.message_count", messages.Sum(message => message.Items.Count));
        return activity;
    }

    public static void Entered(string queue, int items) => InProgress.Add(items, Tag(queue));

    public static void Left(string queue, int items, TimeSpan duration)
    {
        InProgress.Add(-items, Tag(queue));
        Duration.Record(duration.TotalSeconds, Tag(queue));
    }

    public static void Count(string queue, ReadOnlySpan<StepReply> replies)
    {
        var completed = 0;
        foreach (var reply in replies)
        {
            if (reply.Output is not null)
                completed++;
            else
                Failed.Add(1, Tag(queue), new KeyValuePair<string, object?>("type", reply.Error?.Type ?? "throttled"));
        }
        if (completed > 0)
            Handled.Add(completed, Tag(queue));
    }

    private static KeyValuePair<string, object?> Tag(string queue) => new("queue", queue);
}

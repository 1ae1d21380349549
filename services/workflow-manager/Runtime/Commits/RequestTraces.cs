using System.Diagnostics;
using Millrace.WorkflowManager.Runtime.Codec;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// One span a request, from its acceptance to its end, in the trace that all its messages carry; workers add theirs. Source
/// <c>Millrace.WorkflowManager</c>.
/// </summary>
internal static class RequestTraces
{
    private static readonly ActivitySource Source = new(RuntimeMeter.Name);

    public static void Finished(RunningRequest request)
    {
        if (!Source.HasListeners() || !ActivityContext.TryParse(request.TraceParent, null, isRemote: true, out var parent))
            return;
        using var span = Source.StartActivity(
            ActivityKind.Server, parent, startTime: request.Record.CreatedAt, name: "request " + request.Definition.Name);
        span?.SetTag("millrace.request_id", request.Id).SetTag("millrace.workflow", request.Definition.Name)
            .SetTag("millrace.status", request.State.Status.Name()).SetEndTime(request.Record.UpdatedAt.UtcDateTime);
        if (request.State.Failure is { } failure)
            span?.SetStatus(ActivityStatusCode.Error, $"{failure.Type}: {failure.Message}");
    }
}

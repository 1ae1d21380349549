using System.Text.Json;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Publishes finished requests on the exchange <c>results</c>, where nobody need listen.</summary>
internal sealed class ResultSender(MessageSender sender)
{
    public Task SendAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken) =>
        sender.SendAsync([.. effects.Select(open => Write(open.Request))], unroutable: null, cancellationToken);

    private static OutgoingMessage Write(RunningRequest request)
    {
        var view = RequestViews.Final(request);
        return new OutgoingMessage(
            Wire.ResultsExchange,
            $"{request.Definition.Name}.{request.State.Status.Name()}",
            JsonSerializer.SerializeToUtf8Bytes(view, MillraceJson.Options),
            new MessageProperties
            {
                ContentType = Wire.JsonContentType,
                MessageId = request.Id.ToString(),
                Headers = request.TraceParent is { } trace ? new Dictionary<string, string> { [Wire.TraceParentHeader] = trace } : [],
            },
            Mandatory: false);
    }
}

using System.Text.Json;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Publishes finished requests on the exchange <c>results</c>, where nobody need listen.</summary>
internal sealed class ResultSender(MessageSender sender, WorkflowManagerOptions options)
{
    /// <returns>Those that a queue behind the exchange does not take now.</returns>
    public async Task<IReadOnlyList<OpenEffect>> SendAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var messages = effects.Select(open => Write(open.Request)).ToList();
        var unsent = await sender.SendAsync(messages, cancellationToken);
        return unsent.Count == 0 ? [] : [.. unsent.Select(each => effects[messages.FindIndex(message => ReferenceEquals(message, each.Message))])];
    }

    private OutgoingMessage Write(RunningRequest request)
    {
        var view = RequestViews.Final(request);
        return new OutgoingMessage(
            Wire.ResultsExchange,
            $"{request.Definition.Name}.{request.State.Status.Name()}",
            WriteBody(view),
            new MessageProperties
            {
                ContentType = Wire.JsonContentType,
                MessageId = request.Id.ToString(),
                Headers = request.TraceParent is { } trace ? new Dictionary<string, string> { [Wire.TraceParentHeader] = trace } : [],
            },
            Mandatory: false);
    }

    /// <summary>What is too large for a message is published without its bodies; REST still shows them.</summary>
    private byte[] WriteBody(RequestView view)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(view, MillraceJson.Options);
        return body.Length <= options.MaxMessageBytes ? body : JsonSerializer.SerializeToUtf8Bytes(
            view with { Steps = [.. view.Steps.Select(step => step with { Output = null })], Result = null }, MillraceJson.Options);
    }
}

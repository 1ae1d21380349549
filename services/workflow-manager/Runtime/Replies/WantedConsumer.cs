using System.Text.Json;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>
/// Answers workers that come to a queue in which messages wait already: they have not heard what was cancelled before they came.
/// </summary>
internal sealed class WantedConsumer(IMessageBus bus, RequestLoader requests)
{
    private const int MaxItems = 10_000;
    private const int Prefetch = 20;

    public Task<IAsyncDisposable> StartAsync(CancellationToken cancellationToken) => bus.ConsumeAsync(
        new ConsumerOptions { Queue = Wire.WantedQueue, Prefetch = Prefetch }, HandleAsync, cancellationToken);

    private async Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var items = Read(message);
        var unwanted = await FindUnwantedAsync(items, cancellationToken);
        // Not mandatory, and no matter what becomes of it: a worker that gets no answer does the work.
        await bus.SendAsync(
            [new OutgoingMessage("", message.Properties.ReplyTo!, JsonSerializer.SerializeToUtf8Bytes(unwanted, MillraceJson.Options),
                new MessageProperties { ContentType = Wire.JsonContentType, CorrelationId = message.Properties.CorrelationId }, Mandatory: false)],
            cancellationToken);
    }

    private static CancelledDispatch[] Read(IncomingMessage message)
    {
        if (string.IsNullOrEmpty(message.Properties.ReplyTo))
            throw new DeadLetterException("a question about what is wanted needs reply_to");
        try
        {
            return JsonSerializer.Deserialize<CancelledDispatch[]>(message.Body.Span, MillraceJson.Options) is { Length: <= MaxItems } items
                && items.All(item => item?.CorrelationId is not null)
                    ? items : throw new DeadLetterException($"not an array of at most {MaxItems} items with correlationId and attempt");
        }
        catch (JsonException error)
        {
            throw new DeadLetterException($"the question is not JSON: {error.Message}");
        }
    }

    /// <summary>What does not look like one of ours is left to the worker.</summary>
    private async Task<List<CancelledDispatch>> FindUnwantedAsync(CancelledDispatch[] items, CancellationToken cancellationToken)
    {
        var ours = new List<(CancelledDispatch Item, StepAddress Address)>(items.Length);
        foreach (var item in items)
        {
            if (StepAddress.TryParse(item.CorrelationId, out var address))
                ours.Add((item, address));
        }
        var unwanted = new List<CancelledDispatch>();
        Guid[] ids = [.. ours.Select(each => each.Address.RequestId).Distinct()];
        var found = (await requests.LoadAsync(ids, cancellationToken)).ToDictionary(request => request.Id);
        foreach (var (item, address) in ours)
        {
            if (!IsWanted(found[address.RequestId], address.Step, item.Attempt))
                unwanted.Add(item);
        }
        return unwanted;
    }

    /// <summary>Whether one that can't be read waits nobody can say: then the work is done.</summary>
    private static bool IsWanted(LoadedRequest found, string step, int attempt)
    {
        if (found.Request is not { } request)
            return found.Failure is not null;
        if (request.Graph.IndexOf(step) is not (>= 0 and var index))
            return false;
        // A later attempt lies behind it in the same queue; one without a number may be any.
        var last = request.State.Steps[index].Attempt;
        return (attempt >= last || attempt == 0) && WantedRule.IsWanted(request.State, request.State.Steps[index], last);
    }
}

using System.Text.Json;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>
/// Answers workers that come to a queue in which messages wait already: they have not heard what was cancelled before they came.
/// </summary>
internal sealed class WantedConsumer(IMessageBus bus, IRequestStore store, WorkflowCatalog catalog)
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
        var stored = ids.Zip(await store.LoadAsync(ids, cancellationToken)).ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (var (item, address) in ours)
        {
            if (!await IsWantedAsync(stored[address.RequestId], address.Step, item.Attempt, cancellationToken))
                unwanted.Add(item);
        }
        return unwanted;
    }

    private async Task<bool> IsWantedAsync(StoredRequest? stored, string step, int attempt, CancellationToken cancellationToken)
    {
        if (stored is null)
            return false;
        var request = await RunningRequest.ReadAsync(stored, catalog, cancellationToken);
        if (request.Graph.IndexOf(step) is not (>= 0 and var index))
            return false;
        // A later attempt lies behind it in the same queue; one without a number may be any.
        var last = request.State.Steps[index].Attempt;
        return (attempt >= last || attempt == 0) && WantedRule.IsWanted(request.State, request.State.Steps[index], last);
    }
}

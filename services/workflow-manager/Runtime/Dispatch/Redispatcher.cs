using Microsoft.Extensions.Logging;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Queues in memory end with their process. At start, what was dispatched over such a bus and not answered is sent again.
/// </summary>
internal sealed partial class Redispatcher(
    IMillraceStore store, IMessageBus bus, RequestLoader requests, EffectQueue queue, WorkflowManagerOptions options, StoreClock clock,
    ILogger<Redispatcher> logger)
{
    private const string MemoryBus = "memory:";
    private const int PageSize = 500;

    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();

    public Task RunAsync(CancellationToken cancellationToken) =>
        options.ResendAtStart ?? bus.Description == MemoryBus
            ? SendAsync(new RequestQuery { Status = "running", OldestFirst = true, Limit = PageSize }, cancellationToken)
            : Task.CompletedTask;

    private async Task SendAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        do
        {
            var page = await store.Requests.ListAsync(query, cancellationToken);
            var ids = page.Items.Where(request => request.CreatedAt < _startedAt).Select(request => request.Id).ToList();
            var committed = new List<CommittedEffects>();
            foreach (var found in await requests.LoadAsync(ids, cancellationToken))
            {
                // The others must not wait for one that can't be read.
                if (found.Failure is { } failure)
                    LogUnreadable(logger, found.Id, failure);
                if (found.Request is not { } request)
                    continue;
                committed.Add(new CommittedEffects(request, [.. Unanswered(request)]));
                if (request.State.Steps.Any(step => step is { Status: StepStatus.Dispatched, Task: not null }))
                    await SendAsync(query with { ParentId = request.Id, After = null }, cancellationToken);
            }
            await queue.AddAsync(committed, cancellationToken);
            query = query with { After = page.Next };
        }
        while (query.After is not null);
    }

    private IEnumerable<Effect> Unanswered(RunningRequest request)
    {
        for (var index = 0; index < request.State.Steps.Length; index++)
        {
            var step = request.State.Steps[index];
            if (step is { Status: StepStatus.Dispatched, Task: null } && step.DispatchedAt < _startedAt)
                yield return new Effect.DispatchStep(index, step.Attempt);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} can't be read; what it has dispatched is not sent again")]
    private static partial void LogUnreadable(ILogger logger, Guid requestId, Exception failure);
}

using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Replies;

namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>The broker's queues as they are shown: those of all steps, and the manager's own.</summary>
internal sealed class QueueViews(WorkflowCatalog catalog, QueueFacts queues, ReplyQueues replies)
{
    private static readonly (string Queue, string Use)[] Own =
    [
        (Wire.IngestQueue, "posts that come in"), (Wire.UnknownQueue, "posts for unknown workflows"),
        (Wire.SuspectsQueue, "messages that may end a manager"), (Wire.DeadLetterQueue, "dead letters"),
    ];

    public async Task<QueueListView> ListAsync(CancellationToken cancellationToken)
    {
        var uses = Own.Concat(replies.Known.Select(queue => (Queue: queue, Use: "replies of workers"))).Concat(catalog.Current.SelectMany(StepsOf)).GroupBy(each => each.Queue, each => each.Use);
        return new QueueListView(await Task.WhenAll(uses.Select(use => ShowAsync(use.Key, [.. use.Distinct()], cancellationToken))));
    }

    private async Task<QueueUseView> ShowAsync(string queue, IReadOnlyList<string> uses, CancellationToken cancellationToken)
    {
        var depth = (await queues.FindAsync(queue, cancellationToken)).Depth;
        return new QueueUseView(queue, uses, depth?.Messages, depth?.Consumers);
    }

    private static IEnumerable<(string Queue, string Use)> StepsOf(WorkflowDefinition definition)
    {
        for (var scope = WorkflowDefinition.TopScope; scope < definition.Tasks.Length; scope++)
        {
            var steps = definition.GraphOf(scope).Steps;
            for (var index = 0; index < steps.Length; index++)
            {
                if (steps[index].Task is null)
                    yield return (steps[index].Queue, $"{definition.Name}/{RunningRequest.KeyOf(definition, scope, index).Step}");
            }
        }
    }
}

using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Definitions;

/// <summary>Brings the workflows into the catalog and declares their queues, so that nothing is lost before the first worker.</summary>
internal sealed class WorkflowLoader(WorkflowCatalog catalog, IMessageBus bus, WorkflowManagerOptions options)
{
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var definitions = options.Workflows;
        await catalog.PublishAsync(definitions, cancellationToken);
        var steps = definitions.SelectMany(definition => definition.Steps.Concat(definition.Tasks.SelectMany(task => task.Steps)));
        foreach (var queue in steps.Where(step => step.Task is null).Select(step => step.Queue).Distinct())
            await bus.DeclareQueueAsync(queue, cancellationToken);
    }
}

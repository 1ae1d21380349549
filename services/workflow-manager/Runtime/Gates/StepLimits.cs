using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// A rate limit is what the step's upstream takes, whichever version asks: that of the definition in force counts for the requests of earlier
/// versions too. They keep their own where the step is gone or has no limit any more.
/// </summary>
internal sealed class StepLimits(WorkflowCatalog catalog)
{
    public RateLimit? Find(StepKey step) => FindStep(step)?.RateLimit;

    /// <summary>The step of a request with the limit that counts for it.</summary>
    public StepDefinition Apply(StepKey step, StepDefinition definition) =>
        definition.RateLimit is { } own && Find(step) is { } newest && newest != own ? definition with { RateLimit = newest } : definition;

    private StepDefinition? FindStep(StepKey step)
    {
        if (catalog.Find(step.Workflow) is not { } workflow)
            return null;
        return step.Step.Split('/') is [var task, var name]
            ? workflow.Tasks.FirstOrDefault(each => each.Name == task)?.Steps.FirstOrDefault(each => each.Name == name)
            : workflow.Steps.FirstOrDefault(each => each.Name == step.Step);
    }
}

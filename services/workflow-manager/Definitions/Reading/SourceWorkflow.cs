using Millrace.WorkflowManager.Definitions.Yaml;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>A workflow as read, before it is known that its file has no errors.</summary>
internal sealed record SourceWorkflow(
    WorkflowDefinition Settings, YamlNode At, IReadOnlyList<SourceStep> Steps, IReadOnlyList<SourceTask> Tasks)
{
    public WorkflowDefinition ToDefinition()
    {
        var definition = Settings with
        {
            Steps = [.. Steps.Select(step => step.ToDefinition())],
            Tasks = [.. Tasks.Select(task => task.ToDefinition())],
        };
        return definition with { Hash = DefinitionSettings.Hash(definition) };
    }
}

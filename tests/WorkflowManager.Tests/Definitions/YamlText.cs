using Millrace.WorkflowManager.Definitions;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Tests.Definitions;

internal static class YamlText
{
    /// <summary>The one workflow of a text without errors.</summary>
    public static WorkflowDefinition Load(string yaml)
    {
        var reading = WorkflowReader.Read("w.yaml", yaml);
        Assert.False(reading.HasErrors, string.Join('\n', reading.Problems));
        return Assert.Single(reading.Definitions);
    }

    /// <summary>All that is wrong with a text, as it is shown.</summary>
    public static string[] Problems(string yaml) => [.. WorkflowReader.Read("w.yaml", yaml).Problems.Select(problem => problem.ToString())];

    /// <summary>A workflow of one step with these lines in it.</summary>
    public static string Step(string lines) =>
        "workflows:\n  - name: w\n    steps:\n      - name: a\n" + string.Join('\n', lines.Split('\n').Select(line => "        " + line));
}

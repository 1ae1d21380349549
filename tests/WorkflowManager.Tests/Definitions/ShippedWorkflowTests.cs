using System.Runtime.CompilerServices;
using Millrace.WorkflowManager.Definitions;

namespace Millrace.WorkflowManager.Tests.Definitions;

public sealed class ShippedWorkflowTests
{
    [Fact]
    public void The_shipped_workflows_have_no_problems()
    {
        var reading = WorkflowReader.ReadFolder(Path.Combine(Root(), "infra", "workflows"));

        Assert.Empty(reading.Problems);
        Assert.Equal(["preprocessing", "perspective-classifier", "gpu-embedding"], reading.Definitions.Single(each => each.Name == "enrich-post").Steps.Select(step => step.Queue));
    }

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));
}

using Millrace.WorkflowManager.Benchmark;
using Millrace.WorkflowManager.Definitions;

namespace Millrace.WorkflowManager.Tests.Benchmark;

public sealed class BenchmarkWorkflowTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public async Task The_file_says_what_the_code_says(int batch)
    {
        var workflow = new BenchmarkWorkflow(batch);
        await using var folder = new WorkflowFolder();
        await workflow.WriteAsync(folder.Path, TestContext.Current.CancellationToken);

        var read = Assert.Single(WorkflowReader.ReadFolder(folder.Path).Definitions);

        Assert.Equal((workflow.Name, "uri"), (read.Name, read.Key));
        Assert.Equal(
            workflow.Definition.Steps.Select(step => (step.Name, step.Queue, step.Batch, string.Join(',', step.Depends))),
            read.Steps.Select(step => (step.Name, step.Queue, step.Batch, string.Join(',', step.Depends))));
    }
}

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Three steps one after the other, single or batched, and workers that do nothing.</summary>
internal sealed class BenchmarkWorkflow(int batch)
{
    public static ImmutableArray<string> Steps { get; } = ["first", "second", "third"];

    public string Name { get; } = batch == 0 ? "bench-single" : $"bench-batch-{batch}";

    public WorkflowDefinition Definition => new()
    {
        Name = Name,
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Name))),
        Key = "uri",
        Steps = [.. Steps.Select((step, index) => new StepDefinition
        {
            Name = step, Queue = QueueOf(step), Batch = batch, Depends = index == 0 ? [] : [Steps[index - 1]],
        })],
    };

    /// <summary>The same as a file, for managers in other processes.</summary>
    public Task WriteAsync(string folder, CancellationToken cancellationToken)
    {
        var yaml = new StringBuilder($"workflows:\n  - name: {Name}\n    key: uri\n    steps:\n");
        for (var index = 0; index < Steps.Length; index++)
        {
            yaml.Append("      - name: ").AppendLine(Steps[index]).Append("        queue: ").AppendLine(QueueOf(Steps[index]));
            if (batch > 0)
                yaml.Append("        batch: ").Append(batch).AppendLine();
            if (index > 0)
                yaml.Append("        depends: [ ").Append(Steps[index - 1]).AppendLine(" ]");
        }
        return File.WriteAllTextAsync(Path.Combine(folder, "bench.yaml"), yaml.ToString(), cancellationToken);
    }

    public static string QueueOf(string step) => "bench-" + step;
}

using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Gives back what it got, and counts.</summary>
internal sealed class NoOpHandler : IStepHandler<JsonElement, JsonElement>
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public Task<IReadOnlyList<StepResult<JsonElement>>> HandleAsync(IReadOnlyList<JsonElement> inputs, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _count, inputs.Count);
        return Task.FromResult<IReadOnlyList<StepResult<JsonElement>>>([.. inputs.Select(input => (StepResult<JsonElement>)input)]);
    }
}

using System.Text.Json;
using Millrace.Contracts;
using Millrace.Preprocessing.Rules;

namespace Millrace.Preprocessing;

/// <summary>The worker of the step <c>preprocess</c>.</summary>
internal sealed class PreprocessingHandler(PostPreprocessor preprocessor, RuleSetSource rules, PreprocessingMetrics metrics)
    : IStepHandler<JsonElement, PreprocessedPost>
{
    public Task<IReadOnlyList<StepResult<PreprocessedPost>>> HandleAsync(
        IReadOnlyList<JsonElement> inputs, CancellationToken cancellationToken)
    {
        // One version for the whole batch, whatever happens to the file meanwhile.
        var current = rules.Current;
        var results = new List<StepResult<PreprocessedPost>>(inputs.Count);
        foreach (var input in inputs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = preprocessor.Process(input, current);
            metrics.Count(result);
            results.Add(result);
        }
        return Task.FromResult<IReadOnlyList<StepResult<PreprocessedPost>>>(results);
    }
}

using Millrace.Storage.Documents;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Answers steps that say <c>cache</c> with what an equal input gave before, unless they are run again by hand.</summary>
internal sealed class StepCache(IResultCache results, StoreClock clock)
{
    /// <summary>Adds an answer for each step whose output is known.</summary>
    /// <returns>The effects that are left to do.</returns>
    public async Task<IReadOnlyList<OpenEffect>> AnswerAsync(
        IReadOnlyList<OpenEffect> effects, List<RequestWork> answers, CancellationToken cancellationToken)
    {
        var keys = effects.Select(KeyOf).ToList();
        var wanted = keys.OfType<string>().Distinct().ToList();
        if (wanted.Count == 0)
            return effects;
        var found = (await results.GetAsync(wanted, clock.GetUtcNow(), cancellationToken))
            .Zip(wanted).Where(pair => pair.First is not null).ToDictionary(pair => pair.Second, pair => pair.First!.Value);
        var left = new List<OpenEffect>();
        for (var index = 0; index < effects.Count; index++)
        {
            var (request, step) = (effects[index].Request, StepOf(effects[index]));
            if (keys[index] is { } key && found.TryGetValue(key, out var output))
                answers.Add(Works.AnswerFromCache(request.Id, step, request.State.Steps[step].Attempt, CachedOutput.Read(output, InputOf(request, step))));
            else
                left.Add(effects[index]);
        }
        return left;
    }

    /// <summary>Keeps the output of a step that has just completed.</summary>
    public static CachedResult? Keep(RunningRequest request, int step, DateTimeOffset now) =>
        request.Graph.Steps[step].Cache is { } rule && request.State.Steps[step].Output is { } output && CacheKey.Of(request, step) is { } key
            ? new CachedResult(key, CachedOutput.Write(output, InputOf(request, step), rule.Echo), now + rule.Ttl)
            : null;

    private static ReadOnlyMemory<byte> InputOf(RunningRequest request, int step) =>
        StepInput.Of(request.Definition, request.State, step);

    private static string? KeyOf(OpenEffect open) =>
        StepOf(open) is >= 0 and var step && !open.Request.State.Steps[step].IsAnew ? CacheKey.Of(open.Request, step) : null;

    private static int StepOf(OpenEffect open) => open.Effect switch
    {
        Effect.DispatchStep dispatch => dispatch.Step,
        Effect.AcquirePermit permit => permit.Step,
        _ => -1,
    };
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Millrace.Storage.Documents;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Answers steps that say <c>cache</c> with what an equal input gave before.</summary>
internal sealed class StepCache(IResultCache results, TimeProvider clock)
{
    /// <summary>Adds an answer for each step whose output is known.</summary>
    /// <returns>The effects that are left to do.</returns>
    public async Task<IReadOnlyList<OpenEffect>> AnswerAsync(
        IReadOnlyList<OpenEffect> effects, List<RequestWork> answers, CancellationToken cancellationToken)
    {
        if (!effects.Any(open => StepOf(open) is (var step, not null) && open.Request.Graph.Steps[step].Cache is not null))
            return effects;
        var keys = effects.Select(open => KeyOf(open.Request, StepOf(open).Step)).ToList();
        var wanted = keys.OfType<string>().Distinct().ToList();
        var found = (await results.GetAsync(wanted, clock.GetUtcNow(), cancellationToken))
            .Zip(wanted).Where(pair => pair.First is not null).ToDictionary(pair => pair.Second, pair => pair.First!.Value);
        var left = new List<OpenEffect>();
        for (var index = 0; index < effects.Count; index++)
        {
            if (keys[index] is { } key && found.TryGetValue(key, out var output))
                answers.Add(Works.AnswerFromCache(effects[index].Request.Id, StepOf(effects[index]).Step, output));
            else
                left.Add(effects[index]);
        }
        return left;
    }

    /// <summary>Keeps the output of a step that has just completed.</summary>
    public static CachedResult? Keep(RunningRequest request, int step, DateTimeOffset now) =>
        request.Graph.Steps[step].Cache is { } rule && request.State.Steps[step].Output is { } output
            && KeyOf(request, step) is { } key ? new CachedResult(key, output, now + rule.Ttl) : null;

    private static (int Step, Effect? Effect) StepOf(OpenEffect open) => open.Effect switch
    {
        Effect.DispatchStep dispatch => (dispatch.Step, dispatch),
        Effect.AcquirePermit permit => (permit.Step, permit),
        _ => (-1, null),
    };

    /// <summary>Null if the step has no cache, or its input lacks all that the key is made of.</summary>
    private static string? KeyOf(RunningRequest request, int step)
    {
        var definition = request.Graph.Steps[step];
        if (definition.Cache is not { } rule)
            return null;
        using var input = JsonDocument.Parse(StepInput.Of(request.Definition, request.State, step));
        var text = new StringBuilder($"{request.KeyOf(step)}\n{definition.Queue}\n");
        var isKnown = false;
        foreach (var path in rule.Key)
        {
            var value = Find(input.RootElement, path);
            isKnown |= value is not null;
            text.Append(value ?? "-").Append('\n');
        }
        return isKnown ? "step/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))) : null;
    }

    private static string? Find(JsonElement value, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
                return null;
        }
        return value.GetRawText();
    }
}

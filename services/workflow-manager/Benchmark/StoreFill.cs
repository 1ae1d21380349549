using System.Collections.Immutable;
using System.Text;
using Millrace.Contracts;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>
/// Finished requests as the engine leaves them, of several workflows and spread over a month: most completed, one in 50 failed at
/// one of the steps with one of three errors, one in 100 cancelled.
/// </summary>
internal sealed class StoreFill(IMillraceStore store, TimeProvider clock)
{
    private const int GroupSize = 1_000;
    private const int Workflows = 5;

    private static readonly TimeSpan Span = TimeSpan.FromDays(30);
    private static readonly ImmutableArray<string> Errors = ["bad_input", "too_long", "refused"];

    private static readonly ImmutableArray<WorkflowDefinition> Definitions =
    [
        .. Enumerable.Range(0, Workflows).Select(number => new BenchmarkWorkflow(0).Definition with
        {
            Name = NameOf(number), Hash = $"bench-stored-{number}",
        }),
    ];

    public static string NameOf(int workflow) => $"stored-{workflow}";

    public static string KeyOf(int request) => $"stored:{request}";

    /// <summary>Writes what the store lacks to hold so many.</summary>
    /// <returns>How many finished requests it holds now.</returns>
    public async Task<long> FillAsync(int wanted, Action<long>? progress, CancellationToken cancellationToken)
    {
        var counts = await store.Requests.CountAsync(cancellationToken);
        var stored = counts.Where(count => count is { Step: "", Status: not "running" }).Sum(count => count.Count);
        if (stored >= wanted)
            return stored;
        await new WorkflowCatalog(store.Documents).PublishAsync(Definitions, cancellationToken);
        var started = clock.GetUtcNow() - Span;
        for (var from = (int)stored; from < wanted; from += GroupSize)
        {
            var changes = Enumerable.Range(from, Math.Min(GroupSize, wanted - from))
                .Select(number => Write(number, started + (number * (Span / wanted)))).ToList();
            await store.Requests.CommitAsync(changes, [], "bench", clock.GetUtcNow(), cancellationToken);
            progress?.Invoke(from + changes.Count);
        }
        return wanted;
    }

    private static RequestChange Write(int number, DateTimeOffset at)
    {
        at = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));
        var definition = Definitions[number % Workflows];
        var id = RequestIds.ForKey(definition.Name, KeyOf(number));
        var post = Encoding.UTF8.GetBytes($$"""{"uri":"{{KeyOf(number)}}","text":"A post that was worked on long ago, as long as posts usually are."}""");
        var (state, timeline) = (RequestState.None, ImmutableArray<TimelineEvent>.Empty);
        foreach (var happened in Happen(number, id, post, at))
        {
            var transition = WorkflowEngine.Apply(definition, state, happened);
            (state, timeline) = (transition.State, timeline.AddRange(transition.Timeline));
        }
        var record = new RequestRecord
        {
            Id = id,
            Workflow = definition.Name,
            DefinitionHash = definition.Hash,
            Key = KeyOf(number),
            Status = state.Status.Name(),
            CreatedAt = at,
            UpdatedAt = at,
            Version = 0,
            State = default,
        };
        return ChangeWriter.Write(null, new RunningRequest(record, definition, state, null), [], timeline).Change;
    }

    private static IEnumerable<RequestEvent> Happen(int number, Guid id, byte[] post, DateTimeOffset at)
    {
        yield return new RequestEvent.Accepted(at, id, post);
        var last = number % 50 == 0 ? number / 50 % 3 : number % 100 == 1 ? 1 : 3;
        for (var step = 0; step < last; step++)
            yield return new RequestEvent.StepCompleted(at, step, 1, post);
        if (number % 50 == 0)
            yield return new RequestEvent.StepFailed(at, last, 1, new StepFailure(Errors[number / 150 % 3], "As benchmarks have it."));
        else if (number % 100 == 1)
            yield return new RequestEvent.Cancelled(at, "bench");
    }
}

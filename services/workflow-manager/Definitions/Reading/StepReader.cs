using System.Text.RegularExpressions;
using Millrace.Contracts;
using Millrace.WorkflowManager.Definitions.Yaml;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>Reads one step.</summary>
internal static partial class StepReader
{
    private static readonly string[] Keys =
        ["name", "queue", "depends", "task", "batch", "timeout", "retry", "rateLimit", "when", "cache", "priority"];

    private static readonly string[] NotForTasks = ["queue", "batch", "retry", "rateLimit", "cache"];
    private static readonly string[] OurQueues = [Wire.IngestQueue, Wire.DeadLetterQueue, Wire.WantedQueue, Wire.UnknownQueue, Wire.SuspectsQueue];

    /// <returns>Null if it has no usable name; anything else wrong with it is a problem, and the rest can still be checked.</returns>
    public static SourceStep? Read(YamlNode node, ProblemList problems)
    {
        var map = new MapReader(node, "a step", Keys, problems);
        var name = map.Name("name", isRequired: true);
        var task = map.Name("task", isRequired: false);
        var depends = map.Texts("depends");
        if (map.Find("task") is not null)
            CheckTaskStep(map, problems);
        if (name is null)
            return null;
        var step = new StepDefinition
        {
            Name = name,
            Queue = Queue(map, name, task, problems),
            Task = task,
            Batch = map.Number("batch", 1, 1000) ?? 0,
            Timeout = map.Length("timeout"),
            Retry = map.Find("retry") is { } retry ? RuleReader.Retry(retry, problems) : RetryRule.Default,
            RateLimit = map.Find("rateLimit") is { } limit ? RuleReader.RateLimit(limit, problems) : null,
            When = map.Find("when") is { } when ? RuleReader.When(when, problems) : [],
            Cache = map.Find("cache") is { } cache ? RuleReader.Cache(cache, problems) : null,
            Priority = map.Number("priority", 0, 9),
        };
        return new SourceStep(step, map.Find("name")!, map.Find("task"), depends);
    }

    private static void CheckTaskStep(MapReader map, ProblemList problems)
    {
        foreach (var key in NotForTasks.Where(key => map.Find(key) is not null))
            problems.Error(map.KeyOf(key), $"a step with 'task' has no '{key}': give it to the steps of the task, or leave 'task' out");
    }

    /// <summary>The one that was given, otherwise that of the step's name.</summary>
    private static string Queue(MapReader map, string name, string? task, ProblemList problems)
    {
        if (map.Text("queue") is not { } queue)
        {
            if (task is null && IsOurs(name))
                problems.Error(map.Find("name")!, $"the queue '{name}' is the manager's or the broker's own; give the step another 'queue', or another name");
            return name;
        }
        if (!QueuePattern().IsMatch(queue))
            problems.Error(map.Find("queue")!, $"'{queue}' cannot be a queue: a letter, then letters, digits, _ - and dots, at most 200 characters");
        else if (IsOurs(queue))
            problems.Error(map.Find("queue")!, $"the queue '{queue}' is the manager's or the broker's own; choose another name");
        return queue;
    }

    private static bool IsOurs(string queue) => OurQueues.Contains(queue) || Wire.IsReplyQueue(queue) || queue.StartsWith("amq.", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9_\-.]{0,199}\z")]
    private static partial Regex QueuePattern();
}

/// <summary>A step with the places of what refers to others.</summary>
internal sealed record SourceStep(StepDefinition Definition, YamlNode At, YamlNode? TaskAt, IReadOnlyList<YamlScalar> Depends)
{
    public string Name => Definition.Name;

    public StepDefinition ToDefinition() => Definition with { Depends = [.. DependsOn] };

    /// <summary>Each once; <see cref="Start"/> means no dependency.</summary>
    public IEnumerable<string> DependsOn => Depends.Select(depends => depends.Text).Where(depends => depends != Start).Distinct();

    public const string Start = "__start__";
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Scripting;

/// <summary>Reads the workflow of a script: <c>step a depends=x,y retry=3,constant,1s</c>, <c>task t list=items</c>, <c>step t/b</c>.</summary>
internal static class ScriptDefinition
{
    public static WorkflowDefinition Read(IEnumerable<string> lines)
    {
        var definition = new WorkflowDefinition { Name = "w", Hash = "0123456789abcdef", Steps = [] };
        var steps = new Dictionary<string, List<StepDefinition>> { [""] = [] };
        var tasks = new List<(string Name, Dictionary<string, string> Options)>();
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var options = words.Skip(2).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
            if (words[0] == "workflow")
                definition = definition with
                {
                    Timeout = Length(words.Skip(1), "timeout"),
                    MaxItems = int.Parse(Option(words.Skip(1), "maxItems") ?? "100000", CultureInfo.InvariantCulture),
                };
            else if (words[0] == "task")
                tasks.Add((words[1], options));
            else
                AddStep(steps, words[1], options);
        }
        return definition with
        {
            Steps = [.. steps[""]],
            Tasks = [.. tasks.Select(task => Task(task.Name, task.Options, steps[task.Name]))],
        };
    }

    private static void AddStep(Dictionary<string, List<StepDefinition>> steps, string path, Dictionary<string, string> options)
    {
        var parts = path.Split('/');
        var scope = parts.Length == 2 ? parts[0] : "";
        if (!steps.TryGetValue(scope, out var list))
            steps[scope] = list = [];
        list.Add(Step(parts[^1], options));
    }

    private static StepDefinition Step(string name, Dictionary<string, string> options)
    {
        var step = new StepDefinition { Name = name };
        foreach (var (key, value) in options)
        {
            step = key switch
            {
                "depends" => step with { Depends = [.. value.Split(',')] },
                "task" => step with { Task = value },
                "timeout" => step with { Timeout = Moments.Length(value) },
                "retry" => step with { Retry = Retry(value.Split(',')) },
                "limit" => step with { RateLimit = new RateLimit(int.Parse(value.Split('/')[0], CultureInfo.InvariantCulture), Moments.Length(value.Split('/')[1])) },
                "when" => step with { When = [.. value.Split(',').Select(When)] },
                _ => throw new FormatException($"a step has no '{key}'"),
            };
        }
        return step;
    }

    private static Condition When(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new Condition(text[..colon], [.. text[(colon + 1)..].Split('|').Select(value => JsonElement.Parse(value))]);
    }

    private static RetryRule Retry(string[] parts)
    {
        var rule = new RetryRule
        {
            Attempts = int.Parse(parts[0], CultureInfo.InvariantCulture),
            Backoff = Enum.Parse<Backoff>(parts[1], ignoreCase: true),
            Delay = Moments.Length(parts[2]),
        };
        foreach (var part in parts.Skip(3))
        {
            rule = part.Split(':') switch
            {
                ["on", var types] => rule with { On = [.. types.Split('|')] },
                ["never", var types] => rule with { Never = [.. types.Split('|')] },
                [var max] => rule with { MaxDelay = Moments.Length(max) },
                _ => throw new FormatException(part),
            };
        }
        return rule;
    }

    private static TaskDefinition Task(string name, Dictionary<string, string> options, List<StepDefinition> steps)
    {
        var task = new TaskDefinition
        {
            Name = name,
            ItemListKey = options["list"],
            MaxParallel = int.Parse(options.GetValueOrDefault("parallel", "100"), CultureInfo.InvariantCulture),
            Steps = [.. steps],
        };
        return options.TryGetValue("item", out var item) ? task with { ItemKey = item } : task;
    }

    private static TimeSpan? Length(IEnumerable<string> words, string name) => Option(words, name) is { } text ? Moments.Length(text) : null;

    private static string? Option(IEnumerable<string> words, string name) =>
        words.FirstOrDefault(word => word.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}

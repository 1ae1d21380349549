using System.Collections.Immutable;
using System.Text.Json;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Properties;

/// <summary>A random workflow: any graph of up to seven steps, some with a condition, a limit, a timeout or a task.</summary>
internal static class Shape
{
    private static readonly JsonElement True = JsonElement.Parse("true");

    public static WorkflowDefinition Create(Random random)
    {
        var inner = new TaskDefinition { Name = "inner", ItemListKey = "cells", MaxParallel = 2, Steps = [Step(random, "z", [])] };
        var outer = new TaskDefinition { Name = "outer", ItemListKey = "rows", MaxParallel = random.Next(1, 4), Steps = Steps(random, "inner", 3) };
        return new WorkflowDefinition { Name = "w", Hash = "h", Steps = Steps(random, "outer", 7), Tasks = [outer, inner] };
    }

    private static ImmutableArray<StepDefinition> Steps(Random random, string task, int max)
    {
        var steps = new List<StepDefinition>();
        var count = random.Next(1, max + 1);
        for (var index = 0; index < count; index++)
        {
            var depends = steps.Where(_ => random.Next(3) == 0).Select(step => step.Name).ToArray();
            random.Shuffle(depends);
            var step = Step(random, $"s{index}", [.. depends]);
            steps.Add(random.Next(5) == 0 ? step with { Task = task, RateLimit = null, Timeout = null } : step);
        }
        return [.. steps];
    }

    private static StepDefinition Step(Random random, string name, ImmutableArray<string> depends) => new()
    {
        Name = name,
        Depends = depends,
        Timeout = random.Next(2) == 0 ? TimeSpan.FromMinutes(5) : null,
        RateLimit = random.Next(4) == 0 ? new RateLimit(1, TimeSpan.FromSeconds(1)) : null,
        When = random.Next(4) == 0 ? [new Condition("keep", [True])] : [],
        Retry = RetryRule.Default with { Attempts = 100 },
    };
}

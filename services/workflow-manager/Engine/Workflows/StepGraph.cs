using System.Collections.Immutable;

namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>Steps with their dependencies by index, so that deciding needs no names.</summary>
public sealed class StepGraph
{
    /// <param name="steps">In declaration order, which settles every merge.</param>
    /// <exception cref="ArgumentException">A dependency is not a step, or steps depend on each other in a circle.</exception>
    public StepGraph(ImmutableArray<StepDefinition> steps)
    {
        Steps = steps;
        Dependencies = [.. steps.Select(step => step.Depends.Select(Find).ToImmutableArray())];
        var indexes = Enumerable.Range(0, steps.Length).ToArray();
        Dependents = [.. indexes.Select(step => indexes.Where(other => Dependencies[other].Contains(step)).ToImmutableArray())];
        Leaves = [.. indexes.Where(step => Dependents[step].IsEmpty)];
        Order = Sort();
    }

    public static StepGraph Empty { get; } = new([]);

    public ImmutableArray<StepDefinition> Steps { get; }

    /// <summary>For each step those it needs, in the order of its <c>depends</c>.</summary>
    public ImmutableArray<ImmutableArray<int>> Dependencies { get; }

    /// <summary>For each step those that need it.</summary>
    public ImmutableArray<ImmutableArray<int>> Dependents { get; }

    /// <summary>The last steps, in declaration order: their outputs merge to the request's result.</summary>
    public ImmutableArray<int> Leaves { get; }

    /// <summary>Every step after those that it needs; among equals in declaration order.</summary>
    public ImmutableArray<int> Order { get; }

    /// <summary>-1 if there is no step of that name.</summary>
    public int IndexOf(string name)
    {
        for (var index = 0; index < Steps.Length; index++)
        {
            if (Steps[index].Name == name)
                return index;
        }
        return -1;
    }

    private int Find(string name) =>
        IndexOf(name) is >= 0 and var index ? index : throw new ArgumentException($"There is no step '{name}' to depend on.");

    private ImmutableArray<int> Sort()
    {
        var order = ImmutableArray.CreateBuilder<int>(Steps.Length);
        while (order.Count < Steps.Length)
        {
            var next = Enumerable.Range(0, Steps.Length)
                .Where(step => !order.Contains(step) && Dependencies[step].All(order.Contains))
                .DefaultIfEmpty(-1).First();
            if (next < 0)
                throw new ArgumentException("Steps depend on each other in a circle.");
            order.Add(next);
        }
        return order.MoveToImmutable();
    }
}

using System.Collections.Immutable;

namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>A list of steps run once per item of a list, then gathered in order.</summary>
public sealed record TaskDefinition
{
    public const int DefaultMaxParallel = 100;

    public required string Name { get; init; }

    /// <summary>The key in the step's input that holds the list.</summary>
    public required string ItemListKey { get; init; }

    /// <summary>The key under which each child finds its item: unless given, the list's key without one trailing "s".</summary>
    public string ItemKey { get => field ?? SingularOf(ItemListKey); init; }

    /// <summary>How many children of one step of one request run at once.</summary>
    public int MaxParallel { get; init; } = DefaultMaxParallel;

    public required ImmutableArray<StepDefinition> Steps
    {
        get => Graph.Steps;
        init => Graph = new StepGraph(value);
    }

    public StepGraph Graph { get; private init; } = StepGraph.Empty;

    public static string SingularOf(string listKey) =>
        listKey.Length > 1 && listKey.EndsWith('s') ? listKey[..^1] : listKey;
}

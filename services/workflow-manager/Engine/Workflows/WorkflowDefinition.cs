using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>A checked workflow. A request keeps the definition that it started with until its end.</summary>
public sealed record WorkflowDefinition
{
    /// <summary>The scope of a request that is no task's child: it runs the workflow's own steps.</summary>
    public const int TopScope = -1;

    public const int DefaultMaxItems = 100_000;

    public required string Name { get; init; }

    /// <summary>SHA-256 of the canonical definition, 64 lower-case hex digits: the same meaning is the same hash.</summary>
    public required string Hash { get; init; }

    /// <summary>The author's own number of this version; null if none was given.</summary>
    public int? Number { get; init; }

    /// <summary>Path of the idempotency key in the payload, names joined by dots; null if the workflow has none.</summary>
    public string? Key { get; init; }

    /// <summary>From acceptance; when it has passed, the request fails with <c>timeout</c>. Null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long finished requests are kept; null: for ever.</summary>
    public TimeSpan? Retention { get; init; }

    public Schedule? Schedule { get; init; }

    /// <summary>0 to 9, higher first; a request's own priority and a step's go before it.</summary>
    public int Priority { get; init; }

    /// <summary>The longest list that a task may fan out over, in items.</summary>
    public int MaxItems { get; init; } = DefaultMaxItems;

    public required ImmutableArray<StepDefinition> Steps
    {
        get => Graph.Steps;
        init => Graph = new StepGraph(value);
    }

    public ImmutableArray<TaskDefinition> Tasks { get; init; } = [];

    public StepGraph Graph { get; private init; } = StepGraph.Empty;

    /// <summary>The number if there is one, otherwise the first 12 digits of the hash.</summary>
    public string Version => Number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Hash[..Math.Min(12, Hash.Length)];

    /// <summary>The steps of a request.</summary>
    /// <param name="scope"><see cref="TopScope"/> or the index of the task whose item the request is.</param>
    public StepGraph GraphOf(int scope) => scope == TopScope ? Graph : Tasks[scope].Graph;

    /// <summary>0 to 9: the request's own, else the step's, else the workflow's.</summary>
    public int PriorityOf(RequestState state, int step) => state.Priority ?? GraphOf(state.Scope).Steps[step].Priority ?? Priority;

    /// <summary>The index of a task; -1 if there is none of that name.</summary>
    public int IndexOfTask(string name)
    {
        for (var index = 0; index < Tasks.Length; index++)
        {
            if (Tasks[index].Name == name)
                return index;
        }
        return -1;
    }
}

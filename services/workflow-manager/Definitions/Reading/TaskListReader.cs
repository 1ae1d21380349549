using Millrace.WorkflowManager.Definitions.Yaml;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>Reads the tasks of a workflow and checks that every <c>task:</c> names one, and that none runs itself.</summary>
internal static class TaskListReader
{
    private const int MaxTasks = 100;
    private static readonly string[] Keys = ["name", "itemListKey", "itemKey", "maxParallel", "steps"];

    public static IReadOnlyList<SourceTask> Read(MapReader workflow, ProblemList problems)
    {
        var tasks = new List<SourceTask>();
        foreach (var node in workflow.Items("tasks", MaxTasks, isRequired: false))
        {
            if (ReadTask(node, problems) is not { } task)
                continue;
            if (tasks.Any(other => other.Definition.Name == task.Definition.Name))
                problems.Error(task.At, $"there is already a task '{task.Definition.Name}' here");
            else
                tasks.Add(task);
        }
        return tasks;
    }

    public static void CheckUse(IReadOnlyList<SourceStep> steps, IReadOnlyList<SourceTask> tasks, ProblemList problems)
    {
        var byName = tasks.ToDictionary(task => task.Definition.Name);
        var users = steps.Concat(tasks.SelectMany(task => task.Steps)).Where(step => step.Definition.Task is not null).ToList();
        foreach (var step in users.Where(step => !byName.ContainsKey(step.Definition.Task!)))
            problems.Error(
                step.TaskAt!, $"step '{step.Name}' runs task '{step.Definition.Task}', which is not defined{Suggestions.For(step.Definition.Task!, byName.Keys)}");
        foreach (var task in tasks.Where(task => users.All(step => step.Definition.Task != task.Definition.Name)))
            problems.Warn(task.At, $"no step runs task '{task.Definition.Name}'");
        var circle = Circles.Find(
            byName.Keys, name => byName[name].Steps.Select(step => step.Definition.Task).OfType<string>().Where(byName.ContainsKey));
        if (circle is not null)
            problems.Error(byName[circle[0]].At, $"a task may not run itself: {string.Join(" -> ", circle)}");
    }

    private static SourceTask? ReadTask(YamlNode node, ProblemList problems)
    {
        var map = new MapReader(node, "a task", Keys, problems);
        var name = map.Name("name", isRequired: true);
        var list = map.Text("itemListKey", isRequired: true);
        var item = map.Text("itemKey");
        var maxParallel = map.Number("maxParallel", 1, 10_000) ?? TaskDefinition.DefaultMaxParallel;
        var steps = StepListReader.Read(map, problems);
        if (list is not null && item == list)
            problems.Error(map.Find("itemKey")!, "'itemKey' must differ from 'itemListKey'");
        if (name is null)
            return null;
        var task = new TaskDefinition { Name = name, ItemListKey = list ?? "", MaxParallel = maxParallel, Steps = [] };
        return new SourceTask(item is null ? task : task with { ItemKey = item }, map.Find("name")!, steps);
    }
}

/// <summary>A task with its place and its steps still to be checked against others.</summary>
internal sealed record SourceTask(TaskDefinition Definition, YamlNode At, IReadOnlyList<SourceStep> Steps)
{
    public TaskDefinition ToDefinition() => Definition with { Steps = [.. Steps.Select(step => step.ToDefinition())] };
}

namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>Reads the steps of a workflow or a task and checks what they say of each other.</summary>
internal static class StepListReader
{
    private const int MaxSteps = 500;

    public static IReadOnlyList<SourceStep> Read(MapReader owner, ProblemList problems)
    {
        var steps = new List<SourceStep>();
        foreach (var node in owner.Items("steps", MaxSteps, isRequired: true))
        {
            if (StepReader.Read(node, problems) is not { } step)
                continue;
            if (steps.Any(other => other.Name == step.Name))
                problems.Error(step.At, $"there is already a step '{step.Name}' here");
            else
                steps.Add(step);
        }
        foreach (var step in steps)
            CheckDependencies(step, steps, problems);
        CheckCircles(steps, problems);
        return steps;
    }

    private static void CheckDependencies(SourceStep step, List<SourceStep> steps, ProblemList problems)
    {
        var names = steps.Select(each => each.Name).ToList();
        var seen = new HashSet<string>();
        foreach (var depends in step.Depends)
        {
            if (!seen.Add(depends.Text))
                problems.Warn(depends, $"step '{step.Name}' names '{depends.Text}' twice");
            else if (depends.Text != SourceStep.Start && !names.Contains(depends.Text))
                problems.Error(depends, $"step '{step.Name}' depends on '{depends.Text}', which is no step here{Suggestions.For(depends.Text, names)}");
        }
    }

    private static void CheckCircles(IReadOnlyList<SourceStep> steps, ProblemList problems)
    {
        var byName = steps.ToDictionary(step => step.Name);
        var circle = Circles.Find(byName.Keys, name => byName[name].DependsOn.Where(byName.ContainsKey));
        if (circle is not null)
            problems.Error(byName[circle[0]].At, $"steps depend on each other in a circle: {string.Join(" -> ", circle)}");
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Properties;

/// <summary>What a request must come to, said without events, states and bytes: a recursion over the definition.</summary>
internal static class Model
{
    public static ReadOnlyMemory<byte> Result(WorkflowDefinition definition, StepGraph graph, ReadOnlyMemory<byte> payload) =>
        JsonSerializer.SerializeToUtf8Bytes(Run(definition, graph.Steps, JsonNode.Parse(payload.Span)!.AsObject()));

    private static JsonObject Run(WorkflowDefinition definition, IReadOnlyList<StepDefinition> steps, JsonObject payload)
    {
        var outputs = new Dictionary<string, JsonObject>();
        JsonObject Output(StepDefinition step)
        {
            if (outputs.TryGetValue(step.Name, out var known))
                return known;
            var input = step.Depends.IsEmpty ? payload : Merge(step.Depends.Select(name => Output(steps.First(each => each.Name == name))));
            return outputs[step.Name] = Do(definition, step, input);
        }
        return Merge(steps.Where(step => steps.All(other => !other.Depends.Contains(step.Name))).Select(Output));
    }

    private static JsonObject Do(WorkflowDefinition definition, StepDefinition step, JsonObject input)
    {
        if (!step.When.IsEmpty && !(input["keep"]?.GetValue<bool>() ?? false))
            return input;
        if (step.Task is null)
            return JsonNode.Parse(Worker.Answer(step.Name, JsonSerializer.SerializeToUtf8Bytes(input)).Span)!.AsObject();
        var task = definition.Tasks.First(each => each.Name == step.Task);
        var children = input[task.ItemListKey]!.AsArray().Select(item => Run(definition, task.Steps, Child(task, input, item))).ToList();
        var list = new JsonArray([.. children.Select(child => (child.ContainsKey(task.ItemKey) ? child[task.ItemKey] : child)?.DeepClone())]);
        var others = children.Where(child => child.ContainsKey(task.ItemKey)).Append(input);
        var gathered = Merge(others.Prepend(new JsonObject { [task.ItemListKey] = list }));
        if (children.Count > 0 && !input.ContainsKey(task.ItemKey))
            gathered.Remove(task.ItemKey);
        return gathered;
    }

    private static JsonObject Child(TaskDefinition task, JsonObject input, JsonNode? item)
    {
        var child = input.DeepClone().AsObject();
        child.Remove(task.ItemListKey);
        child[task.ItemKey] = item?.DeepClone();
        return child;
    }

    private static JsonObject Merge(IEnumerable<JsonObject> objects)
    {
        var merged = new JsonObject();
        foreach (var pair in objects.SelectMany(each => each))
        {
            if (!merged.ContainsKey(pair.Key))
                merged[pair.Key] = pair.Value?.DeepClone();
        }
        return merged;
    }
}

using System.Buffers;
using System.Text.Json;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>What the children of a task begin with: every other key of the step's input, and the item under its own key.</summary>
public static class ChildInputs
{
    /// <param name="step">A step that runs a task and has started it.</param>
    /// <param name="maxBytes">Of all of them together; the first one may be larger.</param>
    /// <returns>UTF-8 JSON objects for the items from <paramref name="fromIndex"/> on, in order, as many as fit.</returns>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Of(
        WorkflowDefinition definition, RequestState state, int step, int fromIndex, int count, long maxBytes = long.MaxValue)
    {
        var taskName = definition.GraphOf(state.Scope).Steps[step].Task
            ?? throw new ArgumentException("The step runs no task.", nameof(step));
        var task = definition.Tasks[definition.IndexOfTask(taskName)];
        return Of(task, StepInput.Of(definition, state, step).Span, fromIndex, count, maxBytes);
    }

    internal static IReadOnlyList<ReadOnlyMemory<byte>> Of(
        TaskDefinition task, ReadOnlySpan<byte> input, int fromIndex, int count, long maxBytes = long.MaxValue)
    {
        var items = TaskItems.Locate(input, task.ItemListKey) ?? [];
        var list = JsonProperties.Find(input, task.ItemListKey);
        var head = WriteHead(task, input);
        var end = Math.Min(items.Count, fromIndex + count);
        var children = new List<ReadOnlyMemory<byte>>();
        for (var index = fromIndex; index < end; index++)
        {
            var item = list[items[index]];
            var child = new byte[head.Length + item.Length + 1];
            maxBytes -= child.Length;
            if (maxBytes < 0 && children.Count > 0)
                break;
            head.CopyTo(child);
            item.CopyTo(child.AsSpan(head.Length));
            child[^1] = (byte)'}';
            children.Add(child);
        }
        return children;
    }

    /// <summary>All that the children share, up to the item's colon.</summary>
    private static ReadOnlySpan<byte> WriteHead(TaskDefinition task, ReadOnlySpan<byte> input)
    {
        var head = new ArrayBufferWriter<byte>();
        head.Write("{"u8);
        var properties = new JsonProperties(input);
        while (properties.MoveNext())
        {
            if (properties.Name == task.ItemListKey || properties.Name == task.ItemKey)
                continue;
            head.Write(properties.Pair);
            head.Write(","u8);
        }
        head.Write("\""u8);
        head.Write(JsonEncodedText.Encode(task.ItemKey).EncodedUtf8Bytes);
        head.Write("\":"u8);
        return head.WrittenSpan;
    }
}

using System.Buffers;
using System.Text.Json;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>
/// The output of a task step, made while its children stream by in order of position. Under the list's key: each child's value
/// of the item's key, or its whole result if it has none, or <c>{"error": {"type", "message"}}</c> if it did not complete. Beside
/// it: the other keys of children that gave the item's key, the first child wins; then the keys of the step's own input.
/// </summary>
/// <param name="input">The task step's input.</param>
/// <param name="maxBytes">Once the output would be larger, nothing more is taken.</param>
public sealed class Gather(TaskDefinition task, ReadOnlyMemory<byte> input, long maxBytes)
{
    private readonly ArrayBufferWriter<byte> _list = new();
    private readonly JsonObjectBuilder _others = CreateOthers(task);

    public int Count { get; private set; }

    public bool IsTooLarge => (long)_list.WrittenCount + _others.Length + input.Length > maxBytes;

    /// <summary>The next child, which completed.</summary>
    public void Add(ReadOnlyMemory<byte> result)
    {
        var item = JsonProperties.Find(result.Span, task.ItemKey);
        Append(item.IsEmpty ? result.Span : item);
        if (item.IsEmpty)
            return;
        var properties = new JsonProperties(result.Span);
        while (properties.MoveNext())
        {
            if (properties.Name != task.ItemKey)
                _others.Add(properties.Name, properties.Pair);
        }
    }

    /// <summary>The next child, which did not complete.</summary>
    public void AddFailed(StepFailure failure)
    {
        var error = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(error))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("error"u8);
            writer.WriteString("type"u8, failure.Type);
            writer.WriteString("message"u8, failure.Message);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        Append(error.WrittenSpan);
    }

    /// <returns>The output, or a failure if it is too large.</returns>
    public (ReadOnlyMemory<byte> Output, StepFailure? Failure) Complete()
    {
        if (IsTooLarge)
            return (default, new StepFailure(
                FailureTypes.GatherTooLarge, $"The gathered outputs of task '{task.Name}' are larger than {maxBytes} bytes."));
        _others.AddAll(input.Span);
        var key = JsonEncodedText.Encode(task.ItemListKey).EncodedUtf8Bytes;
        var output = new ArrayBufferWriter<byte>(_list.WrittenCount + _others.Length + key.Length + 8);
        output.Write("{\""u8);
        output.Write(key);
        output.Write("\":["u8);
        output.Write(_list.WrittenSpan);
        output.Write("]"u8);
        var others = _others.Build().Span[1..];
        if (others.Length > 1)
            output.Write(","u8);
        output.Write(others);
        return (output.WrittenMemory, null);
    }

    private void Append(ReadOnlySpan<byte> item)
    {
        Count++;
        if (IsTooLarge)
            return;
        if (_list.WrittenCount > 0)
            _list.Write(","u8);
        _list.Write(item);
    }

    private static JsonObjectBuilder CreateOthers(TaskDefinition task)
    {
        var others = new JsonObjectBuilder();
        others.Block(task.ItemListKey);
        return others;
    }
}

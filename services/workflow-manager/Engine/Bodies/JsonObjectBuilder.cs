using System.Buffers;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>Puts properties of several objects into one; the first of a name wins.</summary>
internal sealed class JsonObjectBuilder
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly HashSet<string> _names = [];

    public int Length => _buffer.WrittenCount;

    public void AddAll(ReadOnlySpan<byte> json)
    {
        var properties = new JsonProperties(json);
        while (properties.MoveNext())
            Add(properties.Name, properties.Pair);
    }

    public void Add(string name, ReadOnlySpan<byte> pair)
    {
        if (!_names.Add(name))
            return;
        _buffer.Write(_buffer.WrittenCount == 0 ? "{"u8 : ","u8);
        _buffer.Write(pair);
    }

    /// <summary>From now on nothing of this name is added.</summary>
    public void Block(string name) => _names.Add(name);

    public ReadOnlyMemory<byte> Build()
    {
        _buffer.Write(_buffer.WrittenCount == 0 ? "{}"u8 : "}"u8);
        return _buffer.WrittenMemory;
    }
}

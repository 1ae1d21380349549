using System.Runtime.InteropServices;

namespace Millrace.Inference.Onnx;

/// <summary>Writes small ONNX models (opset 20) from code: the benchmark's yardstick and the models of tests.</summary>
/// <remarks>Field numbers are those of onnx.proto.</remarks>
public sealed class OnnxGraph(string name)
{
    private const int IrVersion = 9;
    private const int Opset = 20;
    private const int FloatType = 1;
    private const int Int64Type = 7;
    private const int HalfType = 10;
    private const int AttributeFloat = 1;
    private const int AttributeInt = 2;
    private const int AttributeInts = 7;
    private readonly ProtoWriter _graph = new();
    private int _next;

    /// <summary>An input of int64 with symbolic dimensions.</summary>
    public string Int64Input(string input, params string[] dimensions)
    {
        _graph.Message(11, ValueInfo(input, Int64Type, dimensions));
        return input;
    }

    /// <summary>Makes <paramref name="value"/> an output of floats; a dimension is a number or a symbol.</summary>
    public void FloatOutput(string value, params string[] dimensions) => _graph.Message(12, ValueInfo(value, FloatType, dimensions));

    /// <summary>Makes <paramref name="value"/>, floats, an output of half precision under a name of its own.</summary>
    public void HalfOutput(string value, string output, params string[] dimensions) =>
        _graph.Message(12, ValueInfo(Node("Cast", [value], output, ("to", (long)HalfType)), HalfType, dimensions));

    public string Floats(ReadOnlySpan<float> values, params long[] dimensions) =>
        Initializer(FloatType, MemoryMarshal.AsBytes(values), dimensions);

    public string Int64s(params long[] values) => Initializer(Int64Type, MemoryMarshal.AsBytes<long>(values), [values.Length]);

    public string Int64(long value) => Initializer(Int64Type, MemoryMarshal.AsBytes([value]), []);

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">The operator's name.</param>
    /// <param name="inputs">Names that inputs, initialisers and nodes gave.</param>
    /// <param name="output">Its name; null makes one.</param>
    /// <param name="attributes">A long, a float or an array of long each.</param>
    public string Node(string operation, string[] inputs, string? output = null, params (string Name, object Value)[] attributes)
    {
        output ??= $"v{_next++}";
        var node = new ProtoWriter();
        foreach (var input in inputs)
            node.Text(1, input);
        node.Text(2, output);
        node.Text(4, operation);
        foreach (var (attribute, value) in attributes)
            node.Message(5, Attribute(attribute, value));
        _graph.Message(1, node);
        return output;
    }

    public void Save(string path)
    {
        _graph.Text(2, name);
        var model = new ProtoWriter();
        model.Int(1, IrVersion);
        model.Text(2, "millrace");
        model.Message(7, _graph);
        var opset = new ProtoWriter();
        opset.Text(1, "");
        opset.Int(2, Opset);
        model.Message(8, opset);
        model.Save(path);
    }

    private string Initializer(int type, ReadOnlySpan<byte> bytes, long[] dimensions)
    {
        var tensor = new ProtoWriter();
        foreach (var dimension in dimensions)
            tensor.Int(1, dimension);
        tensor.Int(2, type);
        var initializer = $"c{_next++}";
        tensor.Text(8, initializer);
        tensor.Bytes(9, bytes);
        _graph.Message(5, tensor);
        return initializer;
    }

    private static ProtoWriter Attribute(string attribute, object value)
    {
        var message = new ProtoWriter();
        message.Text(1, attribute);
        switch (value)
        {
            case float real:
                message.Float(2, real);
                message.Int(20, AttributeFloat);
                break;
            case long[] integers:
                foreach (var integer in integers)
                    message.Int(8, integer);
                message.Int(20, AttributeInts);
                break;
            default:
                message.Int(3, (long)value);
                message.Int(20, AttributeInt);
                break;
        }
        return message;
    }

    private static ProtoWriter ValueInfo(string value, int type, string[] dimensions)
    {
        var shape = new ProtoWriter();
        foreach (var dimension in dimensions)
        {
            var size = new ProtoWriter();
            if (long.TryParse(dimension, out var number))
                size.Int(1, number);
            else
                size.Text(2, dimension);
            shape.Message(1, size);
        }
        var tensor = new ProtoWriter();
        tensor.Int(1, type);
        tensor.Message(2, shape);
        var wrapped = new ProtoWriter();
        wrapped.Message(1, tensor);
        var info = new ProtoWriter();
        info.Text(1, value);
        info.Message(2, wrapped);
        return info;
    }
}

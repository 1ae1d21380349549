using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Millrace.WorkflowManager.Definitions.Yaml;

/// <summary>
/// Reads one YAML document as a tree of limited size. Anchors and aliases are refused: a short text could stand for a huge
/// tree, and a reader of the file could not see what a step is.
/// </summary>
internal sealed class YamlTree
{
    private const int MaxDepth = 24;
    private const int MaxNodes = 100_000;

    private readonly Parser _parser;
    private int _nodes;

    private YamlTree(string text) => _parser = new Parser(new StringReader(text));

    /// <returns>Null if the document is empty.</returns>
    /// <exception cref="YamlException">It is not YAML, or more than is allowed; it names the place.</exception>
    public static YamlNode? Read(string text)
    {
        var tree = new YamlTree(text);
        try
        {
            return tree.ReadDocument();
        }
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentException)
        {
            // The scanner gives up like this on some broken flow texts and on half a surrogate pair.
            var place = tree._parser.Current?.End ?? Mark.Empty;
            throw new YamlException(place, place, "the text does not go on as YAML does");
        }
    }

    private YamlNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return null;
        _parser.Consume<DocumentStart>();
        var root = ReadNode(1);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
            throw new YamlException(second.Start, second.End, "a file holds one document; put all workflows into it, or into several files");
        return root;
    }

    private YamlNode ReadNode(int depth)
    {
        var current = _parser.Current ?? throw new YamlException("the document ends too early");
        if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
            throw new YamlException(current.Start, current.End, "anchors and aliases are not allowed; write the value out");
        if (depth > MaxDepth)
            throw new YamlException(current.Start, current.End, $"it is nested deeper than {MaxDepth} levels");
        if (++_nodes > MaxNodes)
            throw new YamlException(current.Start, current.End, $"it holds more than {MaxNodes} values");
        var (line, column) = ((int)current.Start.Line, (int)current.Start.Column);
        if (_parser.TryConsume<Scalar>(out var scalar))
            return new YamlScalar(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain);
        return _parser.TryConsume<SequenceStart>(out _)
            ? new YamlList(line, column, ReadItems(depth))
            : ReadMap(line, column, depth);
    }

    private List<YamlNode> ReadItems(int depth)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode(depth + 1));
        return items;
    }

    private YamlMap ReadMap(int line, int column, int depth)
    {
        _parser.Consume<MappingStart>();
        var entries = new List<YamlEntry>();
        while (!_parser.TryConsume<MappingEnd>(out var end))
        {
            if (ReadNode(depth + 1) is not YamlScalar key)
                throw new YamlException(new Mark(0, line, column), new Mark(0, line, column), "a key must be plain text");
            entries.Add(new YamlEntry(key, ReadNode(depth + 1)));
        }
        return new YamlMap(line, column, entries);
    }
}

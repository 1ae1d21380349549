using System.Text.Json;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>Walks the properties of a JSON object and hands them on as they are written, unparsed.</summary>
internal ref struct JsonProperties
{
    /// <summary>Gathered lists nest deeper than what a worker may send.</summary>
    public const int MaxDepth = 1000;

    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;

    /// <param name="json">A complete JSON object.</param>
    public JsonProperties(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A body must be a JSON object.");
    }

    public string Name { get; private set; } = "";

    /// <summary>Name and value with the colon between them.</summary>
    public ReadOnlySpan<byte> Pair { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public bool MoveNext()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.PropertyName)
            return false;
        var start = (int)_reader.TokenStartIndex;
        Name = _reader.GetString()!;
        _reader.Read();
        var value = (int)_reader.TokenStartIndex;
        _reader.Skip();
        Value = _json[value..(int)_reader.BytesConsumed];
        Pair = _json[start..(int)_reader.BytesConsumed];
        return true;
    }

    /// <summary>The first property of that name; empty if there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> json, string name)
    {
        var properties = new JsonProperties(json);
        while (properties.MoveNext())
        {
            if (properties.Name == name)
                return properties.Value;
        }
        return default;
    }
}

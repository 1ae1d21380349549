using System.Text.Json;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>The list that a task fans out over.</summary>
internal static class TaskItems
{
    /// <returns>How many; null counts as empty. -1 if the key is missing or holds no list.</returns>
    public static int Count(ReadOnlySpan<byte> input, string listKey) => Locate(input, listKey)?.Count ?? -1;

    /// <summary>Where in the list's own bytes each item stands; null if the key is missing or holds no list.</summary>
    public static List<Range>? Locate(ReadOnlySpan<byte> input, string listKey)
    {
        var list = JsonProperties.Find(input, listKey);
        if (list.IsEmpty)
            return null;
        var reader = new Utf8JsonReader(list, new JsonReaderOptions { MaxDepth = JsonProperties.MaxDepth });
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return [];
        if (reader.TokenType != JsonTokenType.StartArray)
            return null;
        var items = new List<Range>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(start..(int)reader.BytesConsumed);
        }
        return items;
    }
}

using System.Text.Json;

namespace Millrace.GpuEmbedding.Api;

/// <summary>One thing to embed: a text, or token ids that the caller made.</summary>
internal readonly record struct EmbeddingsItem(string? Text, int[]? Ids);

/// <summary>Reads the four forms that <c>input</c> has.</summary>
internal static class EmbeddingsInput
{
    /// <returns>Null if it has none of the forms.</returns>
    /// <exception cref="FormatException">A text is not valid Unicode, such as half a surrogate pair.</exception>
    public static IReadOnlyList<EmbeddingsItem>? Read(JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String)
            return [new EmbeddingsItem(ReadText(input), null)];
        if (input.ValueKind != JsonValueKind.Array || input.GetArrayLength() == 0)
            return null;
        if (input[0].ValueKind == JsonValueKind.Number)
            return ReadIds(input) is { } ids ? [new EmbeddingsItem(null, ids)] : null;
        var items = input.EnumerateArray().Select(ReadItem).ToList();
        return items.Contains(default) ? null : items;
    }

    private static EmbeddingsItem ReadItem(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => new EmbeddingsItem(ReadText(item), null),
        JsonValueKind.Array => new EmbeddingsItem(null, ReadIds(item)),
        _ => default,
    };

    private static string ReadText(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new FormatException("A text of input is not valid Unicode.", error);
        }
    }

    private static int[]? ReadIds(JsonElement array)
    {
        var ids = new int[array.GetArrayLength()];
        for (var i = 0; i < ids.Length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt32(out ids[i]))
                return null;
        }
        return ids.Length == 0 ? null : ids;
    }
}

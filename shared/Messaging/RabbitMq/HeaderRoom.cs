namespace Millrace.Messaging.RabbitMq;

/// <summary>Makes room among headers that came in a larger frame than we may send, the largest first.</summary>
internal static class HeaderRoom
{
    private const int MaxNames = 3;
    private const int MaxShownName = 40;

    /// <param name="reserved">Bytes to be left for headers that are still to come.</param>
    /// <returns>What was left out, in words; null if all of it fits.</returns>
    public static string? Make(Dictionary<string, object?> headers, int reserved)
    {
        var room = HeaderSize.Max - reserved;
        var sizes = headers.Select(header => (Name: header.Key, Bytes: HeaderSize.Of(header.Key, header.Value)))
            .OrderByDescending(header => header.Bytes).ToList();
        var size = sizes.Sum(header => header.Bytes);
        var left = 0;
        for (; size > room; left++)
        {
            headers.Remove(sizes[left].Name);
            size -= sizes[left].Bytes;
        }
        if (left == 0)
            return null;
        var named = sizes.Take(Math.Min(left, MaxNames)).Select(header => $"'{Shorten(header.Name)}' ({header.Bytes} bytes)");
        return $"left out for their size: {left} headers, {string.Join(", ", named)}{(left > MaxNames ? ", ..." : "")}";
    }

    private static string Shorten(string name) => name.Length <= MaxShownName ? name : name[..MaxShownName] + "...";
}

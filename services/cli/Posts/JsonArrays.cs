namespace Millrace.Cli.Posts;

/// <summary>Joins posts to one JSON array without parsing them.</summary>
internal static class JsonArrays
{
    public static byte[] Join(IReadOnlyList<Post> posts)
    {
        var array = new MemoryStream();
        array.WriteByte((byte)'[');
        for (var i = 0; i < posts.Count; i++)
        {
            if (i > 0)
                array.Write(",\n"u8);
            array.Write(posts[i].Body.Span);
        }
        array.WriteByte((byte)']');
        return array.ToArray();
    }
}

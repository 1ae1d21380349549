namespace Millrace.WorkflowManager.Definitions.Reading;

internal static class Circles
{
    /// <returns>One way that leads back to where it begins, its first name repeated at the end; null if there is none.</returns>
    public static IReadOnlyList<string>? Find(IEnumerable<string> names, Func<string, IEnumerable<string>> next)
    {
        var done = new HashSet<string>();
        foreach (var name in names)
        {
            if (Follow(name, next, [], done) is { } circle)
                return circle;
        }
        return null;
    }

    private static List<string>? Follow(string name, Func<string, IEnumerable<string>> next, List<string> way, HashSet<string> done)
    {
        var start = way.IndexOf(name);
        if (start >= 0)
            return [.. way[start..], name];
        if (done.Contains(name))
            return null;
        way.Add(name);
        foreach (var other in next(name))
        {
            if (Follow(other, next, way, done) is { } circle)
                return circle;
        }
        way.RemoveAt(way.Count - 1);
        done.Add(name);
        return null;
    }
}

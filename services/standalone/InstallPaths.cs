namespace Millrace.Standalone;

/// <summary>Where the files that ship with Millrace are: beside the program when published, else in the checkout's <c>infra</c>.</summary>
public static class InstallPaths
{
    private const string Marker = "workflows/enrich-post.yaml";

    public static string Infra { get; } = Find();

    public static string Workflows => Path.Combine(Infra, "workflows");

    public static string Samples => Path.Combine(Infra, "samples", "posts.jsonl");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var infra = Path.Combine(folder.FullName, "infra");
            if (File.Exists(Path.Combine(infra, Marker)))
                return infra;
        }
        return Path.Combine(AppContext.BaseDirectory, "infra");
    }
}

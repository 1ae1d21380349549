namespace Millrace.Inference.Tests;

/// <summary>Real data that may lie beside the repository.</summary>
internal static class SharedData
{
    /// <returns>The path, or null if it is not here.</returns>
    public static string? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", name);
            if (File.Exists(path))
                return path;
        }
        return null;
    }
}

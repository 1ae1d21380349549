using Millrace.Testing;

namespace Millrace.EndToEnd.Tests.Foreign;

/// <summary>npm packages of the JavaScript workers, installed once a build, beside the test program.</summary>
internal static class NodePackages
{
    private static readonly Lazy<Task> Installation = new(InstallOnceAsync);

    /// <summary>Where workers in JavaScript lie, so that they find the packages.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Workers");

    public static Task InstallAsync() => Installation.Value;

    private static async Task InstallOnceAsync()
    {
        if (!File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json")))
            await CommandLine.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Folder);
    }
}

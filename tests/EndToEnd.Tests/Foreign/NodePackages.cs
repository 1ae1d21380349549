using Millrace.Testing;

namespace Millrace.EndToEnd.Tests.Foreign;

/// <summary>npm packages of the JavaScript workers and the check of the page, installed once a build, beside the test program.</summary>
internal static class NodePackages
{
    private static readonly Lazy<Task> Installation = new(InstallOnceAsync);

    /// <summary>Where workers in JavaScript lie, so that they find the packages; these are below it, in <c>node_modules</c>.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Workers");

    public static Task InstallAsync() => Installation.Value;

    private static async Task InstallOnceAsync()
    {
        // Written by npm itself; older than our own lock file once that has changed.
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
            await CommandLine.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Folder);
    }
}

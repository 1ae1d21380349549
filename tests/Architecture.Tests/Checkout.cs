using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Millrace.Architecture.Tests;

/// <summary>The repository as files: sources and projects, without what a build makes.</summary>
internal static class Checkout
{
    private static readonly string[] LeftOut = ["artifacts", "node_modules", "bin", "obj", ".git"];

    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Sources(params string[] folders) => Files("*.cs", folders);

    public static IEnumerable<Project> Projects(params string[] folders) =>
        Files("*.csproj", folders).Select(path => new Project(path, XDocument.Load(path)));

    public static IEnumerable<string> Files(string pattern, params string[] folders) =>
        folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories))
            .Where(path => !Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar).Any(LeftOut.Contains));

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", ".."));
}

internal sealed record Project(string Path, XDocument Xml)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public IEnumerable<string> References => Included("ProjectReference").Select(path => System.IO.Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    public IEnumerable<string> Packages => Included("PackageReference");

    private IEnumerable<string> Included(string element) => Xml.Descendants(element).Select(item => (string?)item.Attribute("Include")).OfType<string>();
}

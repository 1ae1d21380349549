using System.Runtime.CompilerServices;

namespace Millrace.EndToEnd.Tests;

internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Infra => Path.Combine(Root, "infra");

    /// <summary>Real posts beside the checkout, where there are any; they are never part of it.</summary>
    public static string SharedData => Path.GetFullPath(Path.Combine(Root, "..", "shared", "data"));

    private static string Find([CallerFilePath] string source = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", ".."));
}

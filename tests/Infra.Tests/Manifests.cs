using System.Runtime.CompilerServices;
using YamlDotNet.RepresentationModel;

namespace Millrace.Infra.Tests;

/// <summary>YAML files of the repository as trees.</summary>
internal static class Manifests
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<YamlNode> Read(string path)
    {
        var stream = new YamlStream();
        using var text = File.OpenText(Path.Combine(Root, path));
        stream.Load(text);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    /// <summary>The node at a dotted path, where a number is a position; null if there is none.</summary>
    public static YamlNode? At(this YamlNode node, string path)
    {
        foreach (var name in path.Split('/'))
        {
            YamlNode? next = node switch
            {
                YamlMappingNode map => map.Children.FirstOrDefault(child => child.Key.ToString() == name).Value,
                YamlSequenceNode list when int.TryParse(name, out var index) && index < list.Children.Count => list[index],
                _ => null,
            };
            if (next is null)
                return null;
            node = next;
        }
        return node;
    }

    public static string? Text(this YamlNode node, string path) => node.At(path)?.ToString();

    private static string FindRoot([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", ".."));
}

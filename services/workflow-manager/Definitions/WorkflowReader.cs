using System.Collections.Immutable;
using System.Text;
using Millrace.WorkflowManager.Definitions.Reading;
using Millrace.WorkflowManager.Definitions.Yaml;
using YamlDotNet.Core;

namespace Millrace.WorkflowManager.Definitions;

/// <summary>Reads workflow files (README.md beside this lists every key) and tells all that is wrong with them at once.</summary>
public static class WorkflowReader
{
    /// <summary>1 MiB a file.</summary>
    public const int MaxFileBytes = 1024 * 1024;

    private const int MaxWorkflows = 500;

    /// <param name="file">The name that problems carry.</param>
    public static DefinitionReading Read(string file, string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        return Read([(file, yaml)]);
    }

    /// <summary>All files of a folder that end in .yaml or .yml, by name; names of workflows are unique over all of them.</summary>
    /// <exception cref="IOException">The folder or a file cannot be read.</exception>
    public static DefinitionReading ReadFolder(string folder) =>
        Read(FilesOf(folder).Select(path => (path, File.ReadAllText(path))).ToList());

    /// <summary>Two equal answers mean that no workflow file has been added, removed or changed in between.</summary>
    public static string Fingerprint(string folder) =>
        string.Join('\n', FilesOf(folder).Select(path => (Name: Path.GetFileName(path), File: Target(path)))
            .Select(each => $"{each.Name} {each.File.Length} {each.File.LastWriteTimeUtc.Ticks}"));

    /// <summary>The file that is read: a link, as in a ConfigMap of Kubernetes, stays as it is when another file comes behind it.</summary>
    private static FileInfo Target(string path)
    {
        var file = new FileInfo(path);
        return file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
    }

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder)
            .Where(path => Path.GetExtension(path) is ".yaml" or ".yml")
            .Order(StringComparer.Ordinal);

    private static DefinitionReading Read(IReadOnlyList<(string File, string Yaml)> files)
    {
        var workflows = new List<(SourceWorkflow Source, ProblemList Problems)>();
        var lists = files.Select(file => new ProblemList(file.File)).ToList();
        var origins = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var (list, (file, yaml)) in lists.Zip(files))
        {
            foreach (var workflow in ReadFile(yaml, list))
            {
                if (!origins.TryAdd(workflow.Settings.Name, file))
                    list.Error(workflow.At, $"there is already a workflow '{workflow.Settings.Name}'");
                else
                    workflows.Add((workflow, list));
            }
        }
        var hasErrors = lists.Any(list => list.HasErrors);
        if (!hasErrors)
        {
            foreach (var (workflow, list) in workflows)
                TimeoutAdvice.Give(workflow, list);
        }
        return new DefinitionReading(
            hasErrors ? [] : [.. workflows.Select(workflow => workflow.Source.ToDefinition())], [.. lists.SelectMany(list => list.InOrder)])
        {
            Files = origins.ToImmutable(),
        };
    }

    private static List<SourceWorkflow> ReadFile(string yaml, ProblemList problems)
    {
        if (Encoding.UTF8.GetByteCount(yaml) > MaxFileBytes)
        {
            problems.Error(1, 1, $"the file is larger than {MaxFileBytes} bytes");
            return [];
        }
        try
        {
            if (YamlTree.Read(yaml) is { } root)
                return ReadRoot(root, problems);
            problems.Error(1, 1, "the file is empty; it needs 'workflows', a list with at least one item");
        }
        catch (YamlException error)
        {
            problems.Error(Math.Max(1, (int)error.Start.Line), Math.Max(1, (int)error.Start.Column), "this is not the YAML that is read here: " + Innermost(error));
        }
        return [];
    }

    private static List<SourceWorkflow> ReadRoot(YamlNode root, ProblemList problems)
    {
        var map = new MapReader(root, "a workflow file", ["workflows"], problems);
        var workflows = new List<SourceWorkflow>();
        foreach (var node in map.Items("workflows", MaxWorkflows, isRequired: true))
        {
            if (SingleWorkflowReader.Read(node, problems) is { } workflow)
                workflows.Add(workflow);
        }
        return workflows;
    }

    private static string Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error.Message;
}

using System.Security.Cryptography;
using System.Text;
using Millrace.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Millrace.Preprocessing.Rules;

/// <summary>Reads rule files; every key is checked.</summary>
public static class RuleSetReader
{
    private const int MaxFileBytes = 1 << 20;
    private const int MaxRules = 100;

    /// <summary>The rule set that Millrace ships: <c>infra/rules/default.yaml</c>.</summary>
    public static RuleSet Default()
    {
        using var resource = typeof(RuleSetReader).Assembly.GetManifestResourceStream("default-rules.yaml")!;
        using var text = new StreamReader(resource, Encoding.UTF8);
        return Read(text.ReadToEnd(), "default.yaml");
    }

    /// <exception cref="ConfigurationException">The file is missing, too large or wrong; every problem has its place.</exception>
    public static RuleSet ReadFile(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new ConfigurationException($"{path}: the rule file does not exist.");
        if (file.Length > MaxFileBytes)
            throw new ConfigurationException($"{path}: the rule file is larger than {MaxFileBytes} bytes.");
        return Read(File.ReadAllText(path), path);
    }

    /// <param name="source">What errors name the text by.</param>
    /// <exception cref="ConfigurationException">The text is wrong; every problem has its place.</exception>
    public static RuleSet Read(string yaml, string source)
    {
        var problems = new RuleProblems(source);
        var set = Root(yaml, problems) is { } root ? ReadSet(root, Version(yaml), problems) : null;
        return problems.Found.Count == 0 && set is not null ? set : throw new ConfigurationException(problems.Found);
    }

    private static YamlMappingNode? Root(string yaml, RuleProblems problems)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root)
                return root;
            problems.Add(Mark.Empty, "The file must hold one mapping with 'name' and 'rules'.");
        }
        catch (YamlException wrong)
        {
            problems.Add(wrong.Start, wrong.InnerException?.Message ?? wrong.Message);
        }
        return null;
    }

    private static RuleSet ReadSet(YamlMappingNode root, string version, RuleProblems problems)
    {
        var keys = new RuleKeys(root, problems);
        var name = keys.Text("name", required: true) ?? "";
        var list = keys.List("rules", required: true);
        keys.RefuseOthers();
        var rules = new List<PostRule>();
        if (list?.Children.Count > MaxRules)
            problems.Add(list, $"More than {MaxRules} rules.");
        foreach (var node in list ?? [])
        {
            if (node is not YamlMappingNode mapping)
                problems.Add(node, "A rule must be a mapping that starts with 'rule: NAME'.");
            else if (RuleReader.Read(mapping, problems) is not { } rule)
                continue;
            else if (rules.Exists(other => other.Name == rule.Name))
                problems.Add(node, $"The rule '{rule.Name}' is given twice.");
            else
                rules.Add(rule);
        }
        CheckWindows(rules, root, problems);
        return new RuleSet(name, version, rules);
    }

    private static void CheckWindows(List<PostRule> rules, YamlMappingNode root, RuleProblems problems)
    {
        var exact = rules.OfType<ExactDuplicateRule>().FirstOrDefault();
        var near = rules.OfType<NearDuplicateRule>().FirstOrDefault();
        if (exact is not null && near is not null && exact.Window != near.Window)
            problems.Add(root, "exact-duplicate and near-duplicate share one memory of posts: give both the same 'window'.");
    }

    private static string Version(string yaml) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml)))[..12];
}

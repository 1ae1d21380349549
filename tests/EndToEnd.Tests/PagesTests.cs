using System.Text.RegularExpressions;

namespace Millrace.EndToEnd.Tests;

/// <summary>Pages that name tests name such as exist.</summary>
public sealed partial class PagesTests
{
    private static readonly string Tests = Path.Combine(Repository.Root, "tests");

    [Theory]
    [InlineData("services/workflow-manager/FAULTS.md", 30)]
    [InlineData("tests/Chaos/README.md", 60)]
    public async Task Every_test_that_a_page_of_faults_names_exists(string path, int atLeast)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, path));
        var sources = Directory.GetFiles(Tests, "*.cs", SearchOption.AllDirectories).GroupBy(file => Path.GetFileName(file).Split('.')[0])
            .ToDictionary(group => group.Key, group => string.Concat(group.Select(File.ReadAllText)));
        var named = NamedTest().Matches(page);
        Assert.True(named.Count > atLeast, $"{named.Count} tests are named");
        Assert.All(named, name => Assert.Contains($" {name.Groups["test"].Value}(", sources.GetValueOrDefault(name.Groups["class"].Value, ""), StringComparison.Ordinal));
        Assert.All(NamedScript().Matches(page), script => Assert.True(
            File.Exists(Path.Combine(Tests, "WorkflowManager.Engine.Tests", "scripts", script.Groups["file"].Value)), script.Value));
        var breakages = string.Concat(Directory.GetFiles(Path.Combine(Tests, "Chaos", "Faults")).Select(File.ReadAllText));
        Assert.All(NamedBreakage().Matches(page), breakage => Assert.Contains(
            $"\"{breakage.Groups["name"].Value}\"", breakages, StringComparison.Ordinal));
    }

    [GeneratedRegex("`(?<class>[A-Z][A-Za-z]+)\\.(?<test>[A-Z][A-Za-z]*_[A-Za-z0-9_]+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex("`scripts/(?<file>[a-z-]+\\.txt)`")]
    private static partial Regex NamedScript();

    [GeneratedRegex("`chaos: (?<name>[^`.]+)`")]
    private static partial Regex NamedBreakage();
}

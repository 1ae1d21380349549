using System.Text.RegularExpressions;

namespace Millrace.EndToEnd.Tests;

/// <summary>Pages that name tests name such as exist.</summary>
public sealed partial class PagesTests
{
    private static readonly string Tests = Path.Combine(Repository.Root, "tests");

    [Fact]
    public async Task Every_test_that_the_page_of_faults_names_exists()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "services", "workflow-manager", "FAULTS.md"));
        var sources = Directory.GetFiles(Tests, "*.cs", SearchOption.AllDirectories).GroupBy(file => Path.GetFileName(file).Split('.')[0])
            .ToDictionary(group => group.Key, group => string.Concat(group.Select(File.ReadAllText)));
        var named = NamedTest().Matches(page);
        Assert.True(named.Count > 30, $"{named.Count} tests are named");
        Assert.All(named, name => Assert.Contains($" {name.Groups["test"].Value}(", sources.GetValueOrDefault(name.Groups["class"].Value, ""), StringComparison.Ordinal));
        Assert.All(NamedScript().Matches(page), script => Assert.True(
            File.Exists(Path.Combine(Tests, "WorkflowManager.Engine.Tests", "scripts", script.Groups["file"].Value)), script.Value));
    }

    [GeneratedRegex("`(?<class>[A-Z][A-Za-z]+)\\.(?<test>[A-Z][A-Za-z]*_[A-Za-z0-9_]+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex("`scripts/(?<file>[a-z-]+\\.txt)`")]
    private static partial Regex NamedScript();
}

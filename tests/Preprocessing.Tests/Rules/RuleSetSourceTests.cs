using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Preprocessing.Rules;
using Millrace.Testing;

namespace Millrace.Preprocessing.Tests.Rules;

public sealed class RuleSetSourceTests
{
    [Fact]
    public void A_changed_file_is_taken_up_and_a_wrong_one_is_not()
    {
        using var folder = new TemporaryFolder("rules");
        var path = Path.Combine(folder.Path, "rules.yaml");
        Write(path, "{name: first, rules: []}", 1);
        var clock = new TestClock();
        var source = new RuleSetSource(new PreprocessingOptions { RulesPath = path, RulesCheckIntervalMs = 1_000 }, clock, NullLogger<RuleSetSource>.Instance);

        Write(path, "{name: second, rules: []}", 2);
        Assert.Equal("first", source.Current.Name);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("second", source.Current.Name);
        Write(path, "{name: third, rulez: []}", 3);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("second", source.Current.Name);
    }

    private static void Write(string path, string yaml, int minute)
    {
        File.WriteAllText(path, yaml);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, minute, 0, DateTimeKind.Utc));
    }
}

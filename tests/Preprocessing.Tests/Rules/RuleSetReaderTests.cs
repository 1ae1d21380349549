using Millrace.Contracts;
using Millrace.Preprocessing.Rules;

namespace Millrace.Preprocessing.Tests.Rules;

public sealed class RuleSetReaderTests
{
    [Fact]
    public void All_mistakes_are_told_at_once_each_with_its_place()
    {
        var wrong = Assert.Throws<ConfigurationException>(() => RuleSetReader.Read(
            """
            name: mine
            colour: red
            rules:
              - rule: min-length
                characters: many
              - rule: langauge
                allow: [en]
              - rule: spam
                maxHashtag: 3
              - rule: author
              - rule: near-duplicate
                window: tomorrow
                action: delete
              - just text
              - rule: min-length
            """,
            "mine.yaml"));

        Assert.Equal(9, wrong.Problems.Count);
        Assert.All(wrong.Problems, problem => Assert.Matches(@"^mine\.yaml:\d+:\d+: ", problem));
        Assert.Contains(wrong.Problems, problem => problem.StartsWith("mine.yaml:2:1: ", StringComparison.Ordinal) && problem.Contains("colour", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.Contains("'characters: many'", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.Contains("'langauge' is unknown", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.Contains("'maxHashtag' is unknown", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.Contains("'block' is missing", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.Contains("given twice", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a")]
    [InlineData("name: [")]
    [InlineData("name: x\nname: y\nrules: []")]
    public void What_is_no_rule_file_is_refused_with_a_place(string yaml) =>
        Assert.StartsWith("f.yaml:", Assert.Throws<ConfigurationException>(() => RuleSetReader.Read(yaml, "f.yaml")).Problems[0], StringComparison.Ordinal);

    [Fact]
    public void Two_windows_for_one_memory_are_refused() => Assert.Throws<ConfigurationException>(() => RuleSetReader.Read(
        "{name: t, rules: [{rule: exact-duplicate, window: 1h}, {rule: near-duplicate, window: 2h}]}", "f.yaml"));

    [Fact]
    public void Another_text_is_another_version()
    {
        var one = RuleSetReader.Read("{name: t, rules: []}", "f").Version;

        Assert.Equal(one, RuleSetReader.Read("{name: t, rules: []}", "g").Version);
        Assert.NotEqual(one, RuleSetReader.Read("{name: t, rules: [ ]}", "f").Version);
    }
}

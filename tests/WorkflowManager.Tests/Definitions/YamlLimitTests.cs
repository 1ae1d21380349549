using Millrace.WorkflowManager.Definitions;

namespace Millrace.WorkflowManager.Tests.Definitions;

/// <summary>A workflow file may come from anybody; reading it costs little whatever it holds.</summary>
public sealed class YamlLimitTests
{
    [Theory]
    [InlineData("a: &x [1]\nb: *x", "w.yaml:1:4: error: this is not the YAML that is read here: anchors and aliases are not allowed; write the value out")]
    [InlineData("a: 1\n---\nb: 2", "w.yaml:2:1: error: this is not the YAML that is read here: a file holds one document; put all workflows into it, or into several files")]
    [InlineData("[a]: 1", "w.yaml:1:1: error: this is not the YAML that is read here: a key must be plain text")]
    public void What_is_refused_is_refused_with_its_place(string yaml, string problem) => Assert.Equal([problem], YamlText.Problems(yaml));

    [Theory]
    [InlineData("workflows:\n  - name: [ w\n  x: }", 2)]
    [InlineData("workflows:\n  - name: w\n   x: 1", 3)]
    [InlineData("workflows:\n  - name: \"w", 2)]
    [InlineData("workflows:\n  - name: \"\\ud800\\u0041\"", 2)]
    [InlineData("workflows:\n  - name: \"\\U00110000\"", 2)]
    public void Broken_syntax_is_one_error_with_its_line(string yaml, int line)
    {
        var problem = Assert.Single(WorkflowReader.Read("w.yaml", yaml).Problems);

        Assert.Equal((line, ProblemSeverity.Error), (problem.Line, problem.Severity));
    }

    [Fact]
    public void Depth_is_limited() =>
        Assert.Contains("nested deeper than 24", Assert.Single(YamlText.Problems(new string('[', 50_000))), StringComparison.Ordinal);

    [Fact]
    public void Values_are_limited() =>
        Assert.Contains("more than 100000 values", Assert.Single(YamlText.Problems("[" + string.Concat(Enumerable.Repeat("a,", 100_001)) + "]")), StringComparison.Ordinal);

    [Fact]
    public void Size_is_limited() =>
        Assert.Equal(["w.yaml:1:1: error: the file is larger than 1048576 bytes"], YamlText.Problems(new string('#', WorkflowReader.MaxFileBytes + 1)));
}

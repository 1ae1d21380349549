using Millrace.Cli.Verbs;
using Millrace.WorkflowManager.Definitions;

namespace Millrace.Cli.Tests.Verbs;

/// <summary>Which workflows in force a changed file takes the place of.</summary>
public sealed class PlanBaseTests
{
    private static readonly PlanBase InForce = new(Read("w", "gone", "other").Definitions, new Dictionary<string, string>
    {
        ["w"] = "one.yaml",
        ["gone"] = "one.yaml",
        ["other"] = "two.yaml",
    });

    [Fact]
    public void A_file_takes_the_place_of_all_that_the_one_of_its_name_holds()
    {
        var replaced = InForce.ReplacedBy("one.yaml", Read("w"));

        Assert.Equal(["gone", "w"], replaced.Order());
        Assert.Null(InForce.FindClash(replaced, Read("w", "new")));
    }

    [Theory]
    [InlineData("one.yaml", "other", "from two.yaml")]
    [InlineData("copy.yaml", "w", "say --replaces one.yaml")]
    public void A_name_that_another_file_holds_is_refused_with_what_to_do(string file, string workflow, string said)
    {
        var changed = Read(workflow);

        Assert.Contains(said, InForce.FindClash(InForce.ReplacedBy(file, changed), changed), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_manager_that_names_no_files_only_what_the_file_holds_itself_is_replaced()
    {
        var old = InForce with { Files = new Dictionary<string, string>() };
        var replaced = old.ReplacedBy("one.yaml", Read("w", "new"));

        Assert.Equal(["new", "w"], replaced.Order());
        Assert.Null(old.FindClash(replaced, Read("w", "new")));
    }

    private static DefinitionReading Read(params string[] names) => WorkflowReader.Read(
        "w.yaml", "workflows:\n" + string.Concat(names.Select(name => $"  - {{ name: {name}, steps: [ {{ name: a }} ] }}\n")));
}

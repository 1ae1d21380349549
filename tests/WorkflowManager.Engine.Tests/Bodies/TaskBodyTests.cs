using System.Text;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Bodies;

public sealed class TaskBodyTests
{
    private static readonly TaskDefinition Task = new() { Name = "t", ItemListKey = "rows", Steps = [new StepDefinition { Name = "x" }] };

    [Theory]
    [InlineData("sections", "section")]
    [InlineData("entries", "entrie")]
    [InlineData("subid_list", "subid_list")]
    [InlineData("s", "s")]
    [InlineData("ss", "s")]
    public void The_items_key_is_the_lists_without_one_s(string list, string item) => Assert.Equal(item, TaskDefinition.SingularOf(list));

    [Theory]
    [InlineData(0, 10, "0 1 2 3")]
    [InlineData(1, 2, "1 2")]
    [InlineData(3, 1, "3")]
    [InlineData(4, 1, "")]
    public void Children_can_be_asked_for_in_pieces(int from, int count, string rows)
    {
        var children = ChildInputs.Of(Task, """{"row":"old","rows":[0,1,2,3],"a":1}"""u8, from, count);

        Assert.Equal(
            rows.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(row => $$"""{"a":1,"row":{{row}}}"""),
            children.Select(child => Encoding.UTF8.GetString(child.Span)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(46, 3)]
    [InlineData(59, 3)]
    [InlineData(60, 4)]
    public void Children_come_as_many_as_fit_and_one_at_least(long maxBytes, int expected) =>
        Assert.Equal(expected, ChildInputs.Of(Task, """{"rows":[0,1,2,3],"a":1}"""u8, 0, 10, maxBytes).Count);

    [Fact]
    public void A_key_that_needs_it_is_escaped()
    {
        var task = Task with { ItemListKey = "li\"st", ItemKey = "it\"em" };
        var gather = new Gather(task, Driver.Utf8("{}"), 1000);
        gather.Add(Driver.Utf8("""{"it\"em":1}"""));

        Assert.Equal("""{"it\u0022em":5}""", Encoding.UTF8.GetString(ChildInputs.Of(task, """{"li\"st":[5]}"""u8, 0, 1)[0].Span));
        Assert.Equal("""{"li\u0022st":[1]}""", Encoding.UTF8.GetString(gather.Complete().Output.Span));
    }

    [Fact]
    public void Only_a_step_with_a_task_has_children()
    {
        var driver = new Driver(Driver.Workflow(new StepDefinition { Name = "a" })).Accept();

        Assert.Throws<ArgumentException>(() => ChildInputs.Of(driver.Definition, driver.State, 0, 0, 1));
    }

    [Fact]
    public void Lists_may_hold_what_was_gathered_deeply()
    {
        var item = new string('[', 100) + new string(']', 100);
        var child = Assert.Single(ChildInputs.Of(Task, Driver.Utf8($$"""{"rows":[{{item}}]}"""), 0, 1));

        Assert.Equal($$"""{"row":{{item}}}""", Encoding.UTF8.GetString(child.Span));
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(28, false)]
    public void List_other_keys_and_input_count_together(long maxBytes, bool fits)
    {
        var gather = new Gather(Task, Driver.Utf8("""{"i":1}"""), maxBytes);
        gather.Add(Driver.Utf8("""{"row":123456789,"other":"ab"}"""));

        Assert.Equal((9 + 13 + 7) <= maxBytes, fits);
        Assert.Equal(fits, !gather.IsTooLarge);
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(12, false)]
    public void Gathering_takes_no_more_than_it_may(long maxBytes, bool fits)
    {
        var gather = new Gather(Task, Driver.Utf8("{}"), maxBytes);
        for (var index = 0; index < 9; index++)
            gather.Add(Driver.Utf8("""{"row":1}"""));

        Assert.Equal((9, !fits), (gather.Count, gather.IsTooLarge));
        var (output, failure) = gather.Complete();
        Assert.Equal(fits ? null : FailureTypes.GatherTooLarge, failure?.Type);
        Assert.Equal(fits ? """{"rows":[1,1,1,1,1,1,1,1,1]}""" : "", Encoding.UTF8.GetString(output.Span));
    }
}

using System.Text;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Bodies;

public sealed class BodyTests
{
    private static readonly StepDefinition A = new() { Name = "a" };
    private static readonly StepDefinition B = new() { Name = "b" };
    private static readonly StepDefinition C = new() { Name = "c", Depends = ["a", "b"] };

    [Fact]
    public void One_dependency_hands_its_own_bytes_on()
    {
        var driver = new Driver(Driver.Workflow(A, B with { Depends = ["a"] })).Accept("""{"uri":"x"}""");
        ReadOnlyMemory<byte> output = Driver.Utf8("""{ "spaces" : 1 }""");
        driver.Apply(new RequestEvent.StepCompleted(Driver.Start, 0, 1, output));

        Assert.Equal(output, StepInput.Of(driver.Definition, driver.State, 1));
        Assert.Equal(driver.State.Input, StepInput.Of(driver.Definition, driver.State, 0));
    }

    [Theory]
    [InlineData("""{"\u0061":1}""", """{"a":2,"b":3}""", """{"\u0061":1,"b":3}""")]
    [InlineData("""{"é":1}""", """{"\u00e9":2}""", """{"é":1}""")]
    [InlineData("{}", "{}", "{}")]
    [InlineData("{}", """{"a":2}""", """{"a":2}""")]
    [InlineData(""" { "a" : [ 1 , 2 ] , "b" : {} } """, """{"":0}""", """{"a" : [ 1 , 2 ],"b" : {},"":0}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":3}""", """{"a":1}""")]
    public void Merging_compares_names_by_what_they_mean(string a, string b, string merged)
    {
        var driver = new Driver(Driver.Workflow(A, B, C)).Accept();
        driver.Apply(new RequestEvent.StepCompleted(Driver.Start, 0, 1, Driver.Utf8(a)));
        driver.Apply(new RequestEvent.StepCompleted(Driver.Start, 1, 1, Driver.Utf8(b)));

        Assert.Equal(merged, Encoding.UTF8.GetString(StepInput.Of(driver.Definition, driver.State, 2).Span));
    }

    [Fact]
    public void Skipped_steps_are_put_together_once_however_many_ways_lead_to_them()
    {
        // Two steps a layer, each of which needs both of the layer before: the ways to the last are two to the power of forty.
        Condition[] never = [new("never", [System.Text.Json.JsonElement.Parse("true")])];
        var steps = Enumerable.Range(0, 80).Select(index => new StepDefinition
        {
            Name = $"s{index}",
            Depends = index < 2 ? [] : [$"s{(index & ~1) - 2}", $"s{(index & ~1) - 1}"],
            When = [.. never],
        });
        var driver = new Driver(Driver.Workflow([.. steps])).Accept("""{"uri":"x"}""");

        Assert.Equal("""{"uri":"x"}""", Encoding.UTF8.GetString(RequestResult.Of(driver.Definition, driver.State)!.Value.Span));
    }

    [Fact]
    public void An_output_that_is_not_there_is_named()
    {
        var driver = new Driver(Driver.Workflow(A, B with { Depends = ["a"] })).Accept();

        var error = Assert.Throws<InvalidOperationException>(() => StepInput.Of(driver.Definition, driver.State, 1));

        Assert.Contains("Step 0", error.Message, StringComparison.Ordinal);
        Assert.Null(RequestResult.Of(driver.Definition, driver.State));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void An_output_may_nest_64_deep(int depth, bool isTaken)
    {
        var driver = new Driver(Driver.Workflow(A)).Accept();
        var output = "{\"x\":" + new string('[', depth) + new string(']', depth) + "}";
        driver.Apply(new RequestEvent.StepCompleted(Driver.Start, 0, 1, Driver.Utf8(output)));

        Assert.Equal(isTaken ? RequestStatus.Completed : RequestStatus.Failed, driver.State.Status);
    }

    [Fact]
    public void What_was_gathered_deeper_than_that_is_still_read()
    {
        var deep = "{\"keep\":true,\"x\":" + new string('[', 200) + new string(']', 200) + "}";
        var when = C with { When = [new Condition("keep", [System.Text.Json.JsonElement.Parse("true")])] };
        var driver = new Driver(Driver.Workflow(A, B, when)).Accept();
        driver.Apply(new RequestEvent.StepCompleted(Driver.Start, 0, 1, Driver.Utf8(deep)) { IsChecked = true });
        driver.Apply(new RequestEvent.StepCompleted(Driver.Start, 1, 1, Driver.Utf8("{\"b\":1}")));

        Assert.Equal(StepStatus.Dispatched, driver.State.Steps[2].Status);
        Assert.Equal(deep[..^1] + ",\"b\":1}", Encoding.UTF8.GetString(StepInput.Of(driver.Definition, driver.State, 2).Span));
        Assert.False(driver.Apply(new RequestEvent.Accepted(Driver.Start, Guid.Empty, Driver.Utf8("{ }"))).HasChanged);
    }

    [Fact]
    public void A_body_that_is_no_object_is_refused_where_it_is_read()
    {
        var task = new TaskDefinition { Name = "t", ItemListKey = "items", Steps = [A] };

        Assert.Throws<System.Text.Json.JsonException>(() => ChildInputs.Of(task, "[1]"u8, 0, 1));
    }
}

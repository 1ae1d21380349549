using System.Text;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Tests.Runtime.Dispatch;

/// <summary>Which inputs count as equal.</summary>
public sealed class CacheKeyTests
{
    private static readonly CacheRule Rule = new(["text", "lang.code"], TimeSpan.FromDays(1));

    [Theory]
    [InlineData("""{"text":"x","lang":{"code":"en"},"uri":"1","at":3}""", true)]
    [InlineData("""{"text":"x","lang":{"code":"de"}}""", false)]
    [InlineData("""{"text":"y","lang":{"code":"en"}}""", false)]
    [InlineData("""{"text":"x","lang":{"code":"en"}}""", false)]
    [InlineData("""{"text":"x","lang":{"code":"en"},"uri":1}""", false)]
    public void Inputs_that_agree_at_the_paths_and_have_the_same_fields_to_repeat_are_equal_whatever_else_they_hold(string input, bool isEqual) =>
        Assert.Equal(isEqual, Key(Rule, """{"text":"x","lang":{"code":"en"},"uri":"2"}""") == Key(Rule, input));

    [Theory]
    [InlineData("""{"text":"x"}""")]
    [InlineData("""{"text":"x","lang":"en"}""")]
    [InlineData("""{"text":"x","lang":{"code":null}}""")]
    [InlineData("""{"text":null,"lang":{"code":"en"}}""")]
    [InlineData("{}")]
    public void Where_a_part_of_the_key_is_missing_or_null_nothing_is_known_of_the_input(string input) => Assert.Null(Key(Rule, input));

    [Fact]
    public void Another_rule_finds_nothing_of_the_old_one()
    {
        const string Input = """{"a":"x","b":"x"}""";
        CacheRule[] rules = [new(["a"], TimeSpan.FromDays(1)), new(["b"], TimeSpan.FromDays(1)), new(["a"], TimeSpan.FromDays(1)) { Number = 2 }, new(["a", "b"], TimeSpan.FromDays(1))];
        Assert.Equal(rules.Length, rules.Select(rule => Key(rule, Input)).Distinct().Count());
        Assert.Equal(Key(rules[0], Input), Key(new CacheRule(["a"], TimeSpan.FromDays(2)), Input));
    }

    [Fact]
    public void An_input_as_deep_as_gathered_ones_may_be_has_a_key_and_one_that_cannot_be_read_has_none()
    {
        string Deep(int levels) => $$"""{"text":"x","lang":{"code":"en"},"deep":{{new string('[', levels)}}{{new string(']', levels)}}}""";
        Assert.NotNull(Key(Rule, Deep(900)));
        Assert.Null(Key(Rule, Deep(1_100)));
    }

    private static string? Key(CacheRule rule, string input)
    {
        var workflow = TestWorkflows.Chain("chain", "a");
        workflow = workflow with { Steps = [workflow.Steps[0] with { Cache = rule }] };
        var state = WorkflowEngine.Apply(
            workflow, RequestState.None, new RequestEvent.Accepted(DateTimeOffset.UnixEpoch, Guid.Empty, Encoding.UTF8.GetBytes(input))).State;
        var record = new RequestRecord
        {
            Id = Guid.Empty,
            Workflow = "chain",
            DefinitionHash = workflow.Hash,
            Status = "running",
            CreatedAt = default,
            UpdatedAt = default,
            Version = 1,
            State = default,
        };
        return CacheKey.Of(new RunningRequest(record, workflow, state, null), 0);
    }
}

using Millrace.WorkflowManager.Definitions.Plans;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Tests.Definitions;

public sealed class DefinitionPlanTests
{
    private const string Old = "workflows: [ { name: w, key: uri, steps: [ { name: a, timeout: 60s }, { name: b, queue: old, depends: [ a ] } ] } ]";

    [Fact]
    public void The_same_meaning_is_the_same_hash_however_it_is_written()
    {
        var other = YamlText.Load("workflows:\n- steps:\n  - {timeout: 1m, name: a, queue: a}\n  - {depends: a, queue: old, name: b}\n  key: 'uri'\n  name: w");

        Assert.Equal(YamlText.Load(Old).Hash, other.Hash);
        Assert.Matches("^[0-9a-f]{64}$", other.Hash);
        Assert.Equal(PlanKind.Same, Plan(YamlText.Load(Old), other).Workflows.Single().Kind);
    }

    [Fact]
    public void Every_setting_counts_for_the_hash()
    {
        const string Full = "workflows: [ { name: w, version: 1, key: k, timeout: 1h, retention: 1d, schedule: '* * * * *', timezone: Europe/Zurich, catchUp: none, payload: { a: 1 }, priority: 1, maxItems: 9, "
            + "steps: [ { name: a, queue: qa, batch: 2, timeout: 1s, retry: { attempts: 4, backoff: linear, delay: 2s, maxDelay: 3s, on: [ xx ], never: [ yy ] }, "
            + "rateLimit: { permits: 5, per: 6s }, when: { kk: 7 }, cache: { key: [ ck ], ttl: 8s, version: 11 }, priority: 2 }, { name: b, task: t, depends: [ a ] } ], "
            + "tasks: [ { name: t, itemListKey: rows, itemKey: cell, maxParallel: 3, steps: [ { name: s, queue: qs } ] } ] } ]";
        (string From, string To)[] changes =
        [
            ("name: w", "name: v"), ("version: 1", "version: 2"), ("key: k", "key: l"), ("1h", "2h"), ("1d", "2d"), ("'* *", "'1 *"), ("Zurich", "Oslo"), ("catchUp: none", "catchUp: all"), ("a: 1 }", "a: 2 }"),
            ("priority: 1", "priority: 3"), ("maxItems: 9", "maxItems: 8"), ("qa", "qq"), ("batch: 2", "batch: 3"), ("timeout: 1s", "timeout: 2s"),
            ("attempts: 4", "attempts: 5"), ("linear", "constant"), ("delay: 2s", "delay: 1s"), ("maxDelay: 3s", "maxDelay: 4s"), ("xx", "xy"), ("yy", "yx"),
            ("permits: 5", "permits: 6"), ("per: 6s", "per: 7s"), ("kk", "kl"), ("kk: 7", "kk: '7'"), ("[ ck ]", "[ cl ]"), ("ttl: 8s", "ttl: 9s"), ("version: 11", "version: 12"),
            ("priority: 2", "priority: 4"), ("depends: [ a ]", "depends: [ ]"), ("rows", "lines"), ("cell", "item"), ("maxParallel: 3", "maxParallel: 4"), ("qs", "qt"),
        ];
        var hash = YamlText.Load(Full).Hash;

        Assert.All(changes, change => Assert.NotEqual(hash, YamlText.Load(Full.Replace(change.From, change.To, StringComparison.Ordinal)).Hash));
    }

    [Fact]
    public void A_change_says_what_differs_what_runs_on_and_which_queues_start_and_stop()
    {
        var now = YamlText.Load("workflows: [ { name: w, key: id, steps: [ { name: a, timeout: 2m }, { name: c, queue: new, depends: [ a ] } ] } ]");

        var plan = Plan(YamlText.Load(Old), now);

        var workflow = Assert.Single(plan.Workflows);
        Assert.Equal(PlanKind.Changed, workflow.Kind);
        Assert.Contains(new SettingChange("step a: timeout", "1m", "2m"), workflow.Changes);
        Assert.Contains(new SettingChange("step b: queue", "old", null), workflow.Changes);
        Assert.Contains(new SettingChange("step c: queue", null, "new"), workflow.Changes);
        Assert.DoesNotContain(workflow.Changes, change => change.Setting == "step a: queue");
        Assert.Equal("1,200 running requests keep the version that they began with until they end.", workflow.Notes[0]);
        Assert.StartsWith("The key changes", workflow.Notes[1], StringComparison.Ordinal);
        Assert.Equal("new", Assert.Single(plan.NewQueues));
        Assert.Equal("old", Assert.Single(plan.IdleQueues));
    }

    [Fact]
    public void Added_and_removed_workflows_are_named()
    {
        var plan = Plan(YamlText.Load(Old), YamlText.Load(Old.Replace("name: w", "name: v", StringComparison.Ordinal)));

        Assert.Equal([("v", PlanKind.Added), ("w", PlanKind.Removed)], plan.Workflows.Select(workflow => (workflow.Name, workflow.Kind)));
        Assert.Equal("New posts for it will be refused.", plan.Workflows[1].Notes[^1]);
        Assert.False(plan.IsEmpty);
    }

    [Fact]
    public void Another_content_under_the_same_number_is_noticed()
    {
        var before = YamlText.Load(Old.Replace("key: uri", "version: 3", StringComparison.Ordinal));
        var after = YamlText.Load(Old.Replace("key: uri", "version: 3, timeout: 1h, retention: 1d", StringComparison.Ordinal));

        Assert.Equal(
            ["It has another content under the same version 3; give it a new one.", "Retention also counts for requests that have already finished."],
            Plan(before, after).Workflows.Single().Notes.Skip(1));
    }

    [Fact]
    public void Of_one_file_of_several_what_is_gone_is_removed_and_what_others_have_stays()
    {
        var (w, gone, other) = (YamlText.Load(Old), Named("gone", "old"), Named("other", "shared"));
        var changed = YamlText.Load(Old.Replace("queue: old", "queue: shared", StringComparison.Ordinal));

        var plan = DefinitionPlan.Of([w, gone, other], new HashSet<string> { "w", "gone" }, [changed], Standing());

        Assert.Equal([("gone", PlanKind.Removed), ("w", PlanKind.Changed)], plan.Workflows.Select(workflow => (workflow.Name, workflow.Kind)));
        Assert.Empty(plan.NewQueues);
        Assert.Equal(["old"], plan.IdleQueues);
    }

    [Fact]
    public void A_queue_that_a_workflow_of_another_file_uses_is_neither_new_nor_idle()
    {
        var (w, other) = (YamlText.Load(Old), Named("other", "old"));
        var changed = YamlText.Load(Old.Replace("queue: old", "queue: new", StringComparison.Ordinal));

        var plan = DefinitionPlan.Of([w, other], new HashSet<string> { "w" }, [changed], Standing());

        Assert.Equal(["new"], plan.NewQueues);
        Assert.Empty(plan.IdleQueues);
    }

    [Fact]
    public void A_name_that_another_file_has_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => DefinitionPlan.Of([YamlText.Load(Old)], new HashSet<string>(), [YamlText.Load(Old)], Standing()));

        Assert.StartsWith("There is already a workflow 'w'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_goes_by_names_over_versions_is_told()
    {
        const string Shared = "workflows: [ { name: w, key: uri, steps: [ { name: a, rateLimit: { permits: 5, per: 1s } }, { name: b, cache: { key: [ t ], ttl: 1h }, depends: [ a ] } ] } ]";
        var changed = YamlText.Load(Shared.Replace("permits: 5", "permits: 9", StringComparison.Ordinal));

        var notes = DefinitionPlan.Of([YamlText.Load(Shared)], [changed], Standing("step a")).Workflows.Single().Notes;

        Assert.Contains(notes, note => note.StartsWith("Paused now: step a.", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("one line at the rate limit of a,", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("into the cache of b,", StringComparison.Ordinal));
    }

    private static WorkflowDefinition Named(string name, string queue) =>
        YamlText.Load($"workflows: [ {{ name: {name}, steps: [ {{ name: a, queue: {queue} }} ] }} ]");

    private static DefinitionPlan Plan(WorkflowDefinition before, WorkflowDefinition after) =>
        DefinitionPlan.Of([before], [after], Standing());

    private static Dictionary<string, WorkflowStanding> Standing(params string[] paused) => new() { ["w"] = new WorkflowStanding(1200, [.. paused]) };
}

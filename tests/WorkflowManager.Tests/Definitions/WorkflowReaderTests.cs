using System.Text;
using Millrace.WorkflowManager.Definitions;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Tests.Definitions;

public sealed class WorkflowReaderTests
{
    [Fact]
    public void Every_setting_arrives_where_it_belongs()
    {
        var workflow = YamlText.Load("""
            workflows:
              - name: enrich-post
                version: 7
                key: post.uri
                timeout: 1h
                retention: 30d
                schedule: "*/5 * * * *"
                catchUp: all
                payload: { text: hello, n: 1, on: true, none: null, quoted: "1", list: [ a, 2.5 ] }
                priority: 3
                maxItems: 500
                steps:
                  - name: b
                    queue: some.queue
                    depends: [ a ]
                    batch: 64
                    timeout: 30s
                    retry: { attempts: 5, backoff: linear, delay: 2s, maxDelay: 10s, on: [ busy, timeout ], never: [ no ] }
                    rateLimit: { permits: 50, per: 1s }
                    when: { keep: true, lang: [ en, de ], n: 2 }
                    cache: { key: [ textHash ], ttl: 30d, version: 4, echo: [ uri ] }
                    priority: 9
                  - name: a
                  - name: c
                    task: per-section
                    depends: [ a ]
                tasks:
                  - name: per-section
                    itemListKey: sections
                    itemKey: part
                    maxParallel: 7
                    steps:
                      - name: s
            """);

        Assert.Equal(("enrich-post", 7, "7", "post.uri"), (workflow.Name, workflow.Number, workflow.Version, workflow.Key));
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromDays(30), 3, 500), (workflow.Timeout!.Value, workflow.Retention!.Value, workflow.Priority, workflow.MaxItems));
        Assert.Equal(("*/5 * * * *", CatchUp.All), (workflow.Schedule!.Cron, workflow.Schedule.CatchUp));
        Assert.Equal("""{"text":"hello","n":1,"on":true,"none":null,"quoted":"1","list":["a",2.5]}""", Encoding.UTF8.GetString(workflow.Schedule.Payload.Span));
        var b = workflow.Steps[0];
        Assert.Equal(("b", "some.queue", 64, TimeSpan.FromSeconds(30), 9), (b.Name, b.Queue, b.Batch, b.Timeout!.Value, b.Priority!.Value));
        Assert.Equal((5, Backoff.Linear, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)), (b.Retry.Attempts, b.Retry.Backoff, b.Retry.Delay, b.Retry.MaxDelay));
        Assert.Equal("busy timeout / no", $"{string.Join(' ', b.Retry.On)} / {string.Join(' ', b.Retry.Never)}");
        Assert.Equal(new RateLimit(50, TimeSpan.FromSeconds(1)), b.RateLimit);
        Assert.Equal(["keep: true", "lang: \"en\"|\"de\"", "n: 2"], b.When.Select(each => $"{each.Path}: {string.Join('|', each.AnyOf.Select(value => value.GetRawText()))}"));
        Assert.Equal(("textHash", TimeSpan.FromDays(30), 4, "uri"), (Assert.Single(b.Cache!.Key), b.Cache.Ttl, b.Cache.Number, Assert.Single(b.Cache.Echo)));
        var task = Assert.Single(workflow.Tasks);
        Assert.Equal(("per-section", "sections", "part", 7), (task.Name, task.ItemListKey, task.ItemKey, task.MaxParallel));
        Assert.Equal("per-section", workflow.Steps[2].Task);
        Assert.Equal([1, 0, 2], workflow.Graph.Order);
    }

    [Fact]
    public void What_is_not_said_has_its_documented_default()
    {
        var workflow = YamlText.Load("workflows:\n  - name: w\n    steps:\n      - name: a\n      - name: b\n        task: t\n    tasks:\n      - name: t\n        itemListKey: entries\n        steps:\n          - name: x");
        var step = workflow.Steps[0];

        Assert.Equal((null, null, null, 0, 100_000), (workflow.Key, workflow.Timeout, workflow.Retention, workflow.Priority, workflow.MaxItems));
        Assert.Equal(("a", 0, null, null), (step.Queue, step.Batch, step.Timeout, step.RateLimit));
        Assert.Equal((3, Backoff.Exponential, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)), (step.Retry.Attempts, step.Retry.Backoff, step.Retry.Delay, step.Retry.MaxDelay));
        Assert.Equal(("entrie", 100), (workflow.Tasks[0].ItemKey, workflow.Tasks[0].MaxParallel));
        Assert.Equal(workflow.Hash[..12], workflow.Version);
    }

    [Fact]
    public void Files_of_pedro_r_marques_workflow_load_unchanged()
    {
        var reading = WorkflowReader.Read("w.yaml", """
            workflows:
              - name: example
                vhosts: [ default ]
                steps:
                  - name: s1
                    depends: [ __start__ ]
                  - name: s2
                    queue: other_queue
                    depends: [ s1 ]
                  - name: s3
                    depends: [ s1, s2, s1 ]
                    task: subtask
                tasks:
                  - name: subtask
                    itemListKey: sections
                    steps:
                      - name: t1
                      - name: t2
                        depends: [ t1 ]
                  - name: unused
                    itemListKey: rows
                    steps: [ { name: u } ]
            """);

        Assert.False(reading.HasErrors);
        var workflow = Assert.Single(reading.Definitions);
        Assert.Empty(workflow.Steps[0].Depends);
        Assert.Equal(["s1", "s2"], workflow.Steps[2].Depends);
        Assert.Equal(
            [
                "steps 's1', 's2', 't1', 't2', 'u' and the workflow have no 'timeout': a worker that takes a message and never replies holds the request for ever",
                "'vhosts' is ignored: the broker's address names the one virtual host that is served", "step 's3' names 's1' twice", "no step runs task 'unused'",
            ],
            reading.Problems.Select(problem => problem.Message));
    }

    [Theory]
    [InlineData("name: workflow-manager", false)]
    [InlineData("name: dead-letter", false)]
    [InlineData("name: millrace-ingest", false)]
    [InlineData("name: millrace-wanted", false)]
    [InlineData("name: millrace-unknown", false)]
    [InlineData("name: dead-letter, queue: letters", true)]
    [InlineData("name: letters, queue: dead-letter", false)]
    [InlineData("name: dead-letter, task: t", true)]
    public void No_step_reads_a_queue_of_the_manager_whether_it_names_it_or_is_named_like_it(string step, bool isTaken)
    {
        var reading = WorkflowReader.Read(
            "w.yaml", $$"""workflows: [ { name: w, timeout: 1h, steps: [ { {{step}} }, { name: z, task: t } ], tasks: [ { name: t, itemListKey: rows, steps: [ { name: s } ] } ] } ]""");

        Assert.Equal(isTaken, !reading.HasErrors);
        Assert.All(reading.Problems, problem => Assert.Contains("is the manager's or the broker's own", problem.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void All_mistakes_are_told_at_once_with_their_places_and_what_was_probably_meant()
    {
        const string Yaml = """
            workflows:
              - name: w
                time-out: 3s
                steps:
                  - name: a
                  - name: a
                    depends_on: [ a ]
                  - name: b
                    depends: [ aa ]
                    timeout: 10 parsecs
                  - name: c
                    task: nothing
            """;

        Assert.Equal(
            [
                "w.yaml:3:5: error: a workflow has no key 'time-out'; did you mean 'timeout'?",
                "w.yaml:6:15: error: there is already a step 'a' here",
                "w.yaml:7:9: error: a step has no key 'depends_on'; did you mean 'depends'?",
                "w.yaml:9:20: error: step 'b' depends on 'aa', which is no step here; did you mean 'a'?",
                "w.yaml:10:18: error: '10 parsecs' is no duration for 'timeout': write such as 500ms, 30s, 5m, 1h30m, 30d, at most 3650d",
                "w.yaml:12:15: error: step 'c' runs task 'nothing', which is not defined",
            ],
            YamlText.Problems(Yaml));
    }

    [Theory]
    [InlineData("", "w.yaml:1:1: error: the file is empty; it needs 'workflows', a list with at least one item")]
    [InlineData("# only a comment", "w.yaml:1:1: error: the file is empty; it needs 'workflows', a list with at least one item")]
    [InlineData("workflows: []", "w.yaml:1:12: error: a workflow file needs 'workflows', a list with at least one item")]
    [InlineData("just text", "w.yaml:1:1: error: a workflow file must be a map with the keys workflows")]
    [InlineData("workflows: [ { name: 1w, steps: [ { name: a } ] } ]", "w.yaml:1:22: error: '1w' cannot be a name: a letter, then letters, digits, _ and -, at most 100 characters")]
    [InlineData("workflows: [ { name: w } ]", "w.yaml:1:14: error: a workflow needs 'steps', a list with at least one item")]
    [InlineData("workflows: [ { name: w, steps: [ a ] } ]", "w.yaml:1:34: error: a step must be a map with the keys name, queue, depends, task, batch, timeout, retry, rateLimit, when, cache, priority")]
    [InlineData("workflows: [ { steps: [ { name: a } ] } ]", "w.yaml:1:14: error: a workflow needs a 'name'")]
    [InlineData("workflows: [ { name: w, name: v, steps: [ { name: a } ] } ]", "w.yaml:1:25: error: 'name' is here for the second time")]
    [InlineData("workflows: [ { name: w, steps: [ { name: a } ] }, { name: w, steps: [ { name: a } ] } ]", "w.yaml:1:59: error: there is already a workflow 'w'")]
    [InlineData("workflows: [ { name: w, schedule: daily, steps: [ { name: a } ] } ]", "w.yaml:1:35: error: 'daily' is no schedule: five fields (minute hour day month weekday), such as \"*/5 * * * *\"")]
    [InlineData("workflows: [ { name: w, schedule: '* * * * *', catchUp: lst, steps: [ { name: a } ] } ]", "w.yaml:1:57: error: 'lst' is no catchUp; did you mean 'last'?")]
    [InlineData("workflows: [ { name: w, catchUp: last, steps: [ { name: a } ] } ]", "w.yaml:1:25: error: 'catchUp' needs a 'schedule' whose missed occurrences it is about")]
    [InlineData("workflows: [ { name: w, schedule: '* * * * *', timezone: Mars/Olympus, steps: [ { name: a } ] } ]", "w.yaml:1:58: error: 'Mars/Olympus' is no time zone that this machine knows: an IANA name, such as \"Europe/Zurich\"; the names come with the package tzdata")]
    [InlineData("workflows: [ { name: w, timezone: UTC, steps: [ { name: a } ] } ]", "w.yaml:1:25: error: 'timezone' needs a 'schedule' whose times it is about")]
    [InlineData("workflows: [ { name: w, payload: {}, steps: [ { name: a } ] } ]", "w.yaml:1:25: error: 'payload' needs a 'schedule' that sends it")]
    [InlineData("workflows: [ { name: w, priority: 10, steps: [ { name: a } ] } ]", "w.yaml:1:35: error: 'priority' must be a whole number from 0 to 9, not '10'")]
    [InlineData("workflows: [ { name: w, steps: [ { name: a, depends: [ b ] }, { name: b, depends: [ c ] }, { name: c, depends: [ b ] } ] } ]", "w.yaml:1:71: error: steps depend on each other in a circle: b -> c -> b")]
    [InlineData("workflows: [ { name: w, steps: [ { name: a, depends: [ a ] } ] } ]", "w.yaml:1:42: error: steps depend on each other in a circle: a -> a")]
    public void A_wrong_file_says_what_is_wrong(string yaml, string problem) => Assert.Equal([problem], YamlText.Problems(yaml));

    [Theory]
    [InlineData("timeout: 30", "w.yaml:5:18: error: '30' is no duration for 'timeout': write such as 500ms, 30s, 5m, 1h30m, 30d, at most 3650d; did you mean '30s'?")]
    [InlineData("queue: workflow-manager", "w.yaml:5:16: error: the queue 'workflow-manager' is the manager's or the broker's own; choose another name")]
    [InlineData("queue: a/b", "w.yaml:5:16: error: 'a/b' cannot be a queue: a letter, then letters, digits, _ - and dots, at most 200 characters")]
    [InlineData("queue: [ a ]", "w.yaml:5:16: error: 'queue' must be text")]
    [InlineData("depends: { a: b }", "w.yaml:5:18: error: 'depends' must be a list of texts")]
    [InlineData("batch: 0", "w.yaml:5:16: error: 'batch' must be a whole number from 1 to 1000, not '0'")]
    [InlineData("retry: { attempts: 3, back-off: linear }", "w.yaml:5:31: error: a retry has no key 'back-off'; did you mean 'backoff'?")]
    [InlineData("retry: { backoff: quadratic }", "w.yaml:5:27: error: 'quadratic' is no backoff; there are constant, linear, exponential")]
    [InlineData("retry: { delay: 5s, maxDelay: 1s }", "w.yaml:5:39: error: 'maxDelay' is shorter than 'delay'")]
    [InlineData("rateLimit: { permits: 5 }", "w.yaml:5:20: error: a rateLimit needs a 'per'")]
    [InlineData("rateLimit: { permits: 5, per: 3650d }", "w.yaml:5:39: error: a rate limit is 'per' at most 31d: write a share of the permits for a shorter time")]
    [InlineData("when: true", "w.yaml:5:15: error: 'when' must be a map of at least one pair, such as { keep: true }")]
    [InlineData("when: { a: { b: 1 } }", "w.yaml:5:20: error: 'a' must be compared with text, a number, a truth value or null, or a list of them")]
    [InlineData("when: { a: 1, a: 2 }", "w.yaml:5:23: error: 'a' is here for the second time; a list of values means any of them")]
    [InlineData("cache: { ttl: 1d }", "w.yaml:5:16: error: a cache needs a 'key': paths into the step's input, such as [ textHash ]")]
    public void A_wrong_step_says_what_is_wrong(string line, string problem) => Assert.Equal([problem], YamlText.Problems(YamlText.Step(line)));

    [Theory]
    [InlineData("steps: [ { name: a } ]", "1:22: warning: step 'a' and the workflow have no 'timeout': a worker that takes a message and never replies holds the request for ever")]
    [InlineData("timeout: 1h, steps: [ { name: a } ]", null)]
    [InlineData("timeout: 1h, steps: [ { name: a, timeout: 2h } ]", "1:55: warning: the 'timeout' of step 'a' is longer than the workflow's, which ends the request before")]
    [InlineData("steps: [ { name: a, task: t, timeout: 1h } ], tasks: [ { name: t, itemListKey: rows, steps: [ { name: x } ] } ]", null)]
    [InlineData("steps: [ { name: a, task: t } ], tasks: [ { name: t, itemListKey: rows, steps: [ { name: x, timeout: 1h } ] } ]", null)]
    public void A_step_that_may_wait_for_ever_and_a_timeout_that_never_counts_are_warnings(string lines, string? warning) =>
        Assert.Equal(warning is null ? [] : ["w.yaml:" + warning], YamlText.Problems($"workflows: [ {{ name: w, {lines} }} ]"));

    [Fact]
    public void Tasks_are_checked_like_everything_else()
    {
        const string Yaml = """
            workflows:
              - name: w
                steps:
                  - { name: a, queue: q, task: t }
                tasks:
                  - { name: t, itemlistkey: rows, steps: [ { name: x, task: u } ] }
                  - { name: u, itemListKey: cells, steps: [ { name: y, task: t } ] }
            """;

        Assert.Equal(
            [
                "w.yaml:4:20: error: a step with 'task' has no 'queue': give it to the steps of the task, or leave 'task' out",
                "w.yaml:6:9: error: a task needs a 'itemListKey'",
                "w.yaml:6:17: error: a task may not run itself: t -> u -> t",
                "w.yaml:6:20: error: a task has no key 'itemlistkey'; did you mean 'itemListKey'?",
            ],
            YamlText.Problems(Yaml));
    }
}

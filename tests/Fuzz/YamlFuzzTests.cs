using System.Text;
using FsCheck;
using Millrace.WorkflowManager.Definitions;
using Millrace.WorkflowManager.Engine;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.Fuzz.Tests;

/// <summary>Whatever stands in a workflow file: it is a workflow that the engine can start, or every problem has its place and its sentence.</summary>
public sealed class YamlFuzzTests(ITestOutputHelper output)
{
    private static readonly Arbitrary<byte[]> Files = Mutations.Of(
        """
        workflows:
          - name: enrich-post
            key: uri
            timeout: 1h
            retention: 30d
            steps:
              - name: preprocess
                queue: preprocessing
                batch: 64
                retry: { attempts: 5, backoff: exponential, delay: 1s, maxDelay: 1m }
              - name: classify
                depends: [ preprocess ]
                when: { keep: true }
                rateLimit: { permits: 50, per: 1s }
              - name: sections
                task: per-section
                depends: [ preprocess ]
            tasks:
              - name: per-section
                itemListKey: sections
                maxParallel: 100
                steps:
                  - name: summarise
        """,
        "workflows:\n  - name: w\n    timeout: 1h\n    steps:\n      - { name: a, when: { keep: [ true, 'x' ] } }\n      - name: b\n        depends: [ a ]\n",
        "workflows: [ { name: w, steps: [ { name: a }, { name: b, depends: [ a ] }, { name: c, depends: [ a, b ] } ] } ]");

    [Fact]
    public void Any_file_is_a_workflow_or_a_list_of_problems_with_their_places() => new Fuzzer(output).Run(
        "yaml", 0.2, 0.1, Files, file => Task.FromResult(Accepts(file)));

    private static bool Accepts(byte[] file)
    {
        var yaml = Encoding.UTF8.GetString(file);
        var lines = yaml.Split('\n', '\r', '\u0085', '\u2028', '\u2029').Length + 1;
        var reading = WorkflowReader.Read("w.yaml", yaml);
        Assert.All(reading.Problems, problem => Assert.True(problem.Line >= 1 && problem.Line <= lines && problem is { Column: >= 1, Message.Length: > 5 }, problem.ToString()));
        Assert.Equal(reading.HasErrors, reading.Definitions.IsEmpty);
        foreach (var definition in reading.Definitions)
            Start(definition);
        return !reading.HasErrors;
    }

    private static void Start(WorkflowDefinition definition)
    {
        var started = WorkflowEngine.Apply(
            definition, RequestState.None, new RequestEvent.Accepted(DateTimeOffset.UnixEpoch, Guid.Empty, """{"uri":"x","keep":true,"sections":[{}]}"""u8.ToArray()));
        Assert.True(started.HasChanged);
    }
}

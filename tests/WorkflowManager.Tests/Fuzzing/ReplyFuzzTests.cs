using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Engine;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Replies;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Fuzzing;

/// <summary>Whatever a worker answers: the engine can take it, or it is refused and told why.</summary>
public sealed class ReplyFuzzTests(ITestOutputHelper output)
{
    private const string Address = "0b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f10:a";

    private static readonly WorkflowDefinition Definition = TestWorkflows.Chain("chain", "a", "b");

    private static readonly RequestState Dispatched = WorkflowEngine.Apply(
        Definition, RequestState.None, new RequestEvent.Accepted(DateTimeOffset.UnixEpoch, Guid.Empty, """{"uri":"x","keep":true}"""u8.ToArray())).State;

    private static readonly Arbitrary<byte[]> Bodies = Mutations.Of(
        """{"keep":true,"score":0.25,"labels":["a","b"],"nested":{"x":{"y":[]}}}""",
        $$"""[{"correlationId":"{{Address}}","attempt":1,"output":{"a":1} },{"correlationId":"{{Address}}","error":{"type":"bad","message":"no"} }]""",
        $$"""[{"correlationId":"{{Address}}","retryAfterSeconds":2.5},{"correlationId":"{{Address}}"}]""",
        "", "{}", "null");

    /// <summary>A correlation id, three headers and which of them are there.</summary>
    private static readonly Gen<MessageProperties> Properties =
        from correlation in Mutations.Of(Address, "x:y", "").Generator
        from error in Mutations.Of("""{"type":"busy","message":"later","transient":true}""", "plain text").Generator
        from seconds in Mutations.Of("2.5", "0", "1e9", "NaN").Generator
        from attempt in Mutations.Of("1", "2147483648").Generator
        from present in Gen.Choose(0, 31)
        select new MessageProperties
        {
            CorrelationId = (present & 16) == 0 ? Address : Encoding.UTF8.GetString(correlation),
            Headers = Headers(present, (Wire.ErrorHeader, error), (Wire.RetryAfterHeader, seconds), (Wire.AttemptHeader, attempt), (Wire.BatchHeader, attempt)),
        };

    [Fact]
    public void Any_reply_is_taken_by_the_engine_or_refused_with_its_reason() => new Fuzzer(output).Run(
        "replies", 0.3,
        Arb.From(
            Properties.Zip(Bodies.Generator, (properties, body) => new Answer(properties, body)),
            answer => Bodies.Shrinker(answer.Body).Select(body => answer with { Body = body })),
        Accepts);

    private static Dictionary<string, string> Headers(int present, params (string Name, byte[] Value)[] headers) => headers
        .Where((_, index) => (present & (1 << index)) != 0)
        .ToDictionary(header => header.Name, header => Encoding.UTF8.GetString(header.Value));

    private static bool Accepts(Answer answer)
    {
        var reading = ReplyReader.Read(new IncomingMessage(Wire.ReplyQueue, "", Wire.ReplyQueue, answer.Body, answer.Properties, 0));
        foreach (var reply in reading.Replies)
            Apply(reply);
        Assert.True(reading.Unassigned is null or { Length: > 10 });
        return reading.Unassigned is null;
    }

    private static void Apply(StepReply reply)
    {
        RequestEvent happened = reply switch
        {
            { Error: { } error } => new RequestEvent.StepFailed(DateTimeOffset.UnixEpoch, 0, reply.Attempt, new StepFailure(error.Type, error.Message, error.Transient)),
            { RetryAfter: { } wait } => new RequestEvent.StepThrottled(DateTimeOffset.UnixEpoch, 0, reply.Attempt, wait),
            _ => new RequestEvent.StepCompleted(DateTimeOffset.UnixEpoch, 0, reply.Attempt, reply.Output) { IsChecked = true },
        };
        var after = WorkflowEngine.Apply(Definition, Dispatched, happened).State;
        if (after.Steps[1].Status != StepStatus.Dispatched)
            return;
        using var input = JsonDocument.Parse(StepInput.Of(Definition, after, step: 1), new JsonDocumentOptions { MaxDepth = MillraceJson.MaxDepth });
        Assert.Equal(JsonValueKind.Object, input.RootElement.ValueKind);
    }

    private sealed record Answer(MessageProperties Properties, byte[] Body)
    {
        public override string ToString() =>
            $"{Properties.CorrelationId} [{string.Join(", ", Properties.Headers)}] {Convert.ToHexString(Body)} '{Encoding.UTF8.GetString(Body)}'";
    }
}

using System.Text.Json;
using FsCheck;
using Millrace.Contracts;
using Millrace.WorkflowManager.Engine;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Ingest;
using Millrace.WorkflowManager.Tests.Runtime;

namespace Millrace.WorkflowManager.Tests.Fuzzing;

/// <summary>Whatever is published to <c>ingest</c>: it becomes requests that the engine can start, or is refused and told why.</summary>
public sealed class IngestFuzzTests(ITestOutputHelper output)
{
    private static readonly WorkflowManagerOptions Limits = new() { MaxPayloadBytes = 2048, MaxPostsPerMessage = 50 };

    private static readonly WorkflowDefinition Definition = TestWorkflows.Chain("chain", "a", "b");

    private static readonly Arbitrary<byte[]> Bodies = Mutations.Of(
        """{"uri":"at://did:plc:abc/app.bsky.feed.post/3k","text":"Hello","langs":["en"],"keep":true,"count":12,"nested":{"a":[1,2,{"b":null}]}}""",
        """[{"uri":"at://1","text":"one"},{"uri":2},{"uri":null},{}]""",
        """{"uri":"","text":"no key"}""",
        """{"uri":{"x":1},"text":"a key that is none"}""",
        "[]", "{}", " \n{\"uri\":\"\\u0041\"}\t");

    [Fact]
    public void Any_bytes_are_a_request_or_a_refusal_with_its_reason() => new Fuzzer(output).Run("ingest", 0.3, Bodies, Accepts);

    private static bool Accepts(byte[] body)
    {
        try
        {
            var posts = PostReader.Read(body, Limits);
            for (var index = 0; index < posts.Count; index++)
                Start(posts[index], index);
            return true;
        }
        catch (RefusedException refusal)
        {
            Assert.True(refusal.Code.Length > 0 && refusal.Message.Length > 10);
            return false;
        }
    }

    private static void Start(Post post, int index)
    {
        var (id, _) = RequestNaming.Name(Definition.Name, Definition.Key, post, senderId: null, index);
        var started = WorkflowEngine.Apply(Definition, RequestState.None, new RequestEvent.Accepted(DateTimeOffset.UnixEpoch, id, post.Utf8));
        Assert.Equal(RequestStatus.Running, started.State.Status);
        using var input = JsonDocument.Parse(StepInput.Of(Definition, started.State, step: 0), new JsonDocumentOptions { MaxDepth = MillraceJson.MaxDepth });
        Assert.Equal(JsonValueKind.Object, input.RootElement.ValueKind);
    }
}

using System.Text.Json;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Ingest;
using Millrace.WorkflowManager.Runtime.Replies;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>
/// Takes a made-up request through all that happens to one in memory, before the doors open, so that the first real ones do not
/// wait for the compiler. Nothing of it is saved or sent.
/// </summary>
internal sealed class Rehearsal(GroupPreparer preparer, IRequestStore store, WorkflowManagerOptions options)
{
    /// <summary>The runtime compiles better what has been used thirty times.</summary>
    private const int Times = 40;

    private static readonly WorkflowDefinition Workflow = new()
    {
        Name = "rehearsal",
        Hash = "rehearsal",
        Key = "uri",
        Steps = [new StepDefinition { Name = "single" }, new StepDefinition { Name = "batched", Batch = 2, Depends = ["single"] }],
    };

    private static readonly byte[] Post = """{"uri":"rehearsal","text":"Not a word of it is kept."}"""u8.ToArray();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var time = 0; time < Times; time++)
            await RunOnceAsync(cancellationToken);
    }

    /// <returns>The request as it would be shown at its end.</returns>
    public async Task<RequestView> RunOnceAsync(CancellationToken cancellationToken)
    {
        var group = new OpenGroup(options);
        var post = PostReader.Read(Post, options)[0];
        var (id, key) = RequestNaming.Name(Workflow.Name, Workflow.Key, post, null, 0);
        await DecideAsync(group, [Works.Accept(new RequestBirth(Workflow, id, key, post.Utf8, null, TraceParents.Of(id)))], cancellationToken);
        foreach (var step in Workflow.Steps)
        {
            var dispatch = new StepDispatch(
                new StepAddress(id, step.Name), new(Workflow.Name, step.Name), step.Queue, 1, step.Batch, post.Utf8, null, 0, TraceParents.Of(id));
            foreach (var (message, _) in StepMessages.Write([dispatch, dispatch], Wire.ReplyQueue, options.BatchMaxBytes).ToList())
                await DecideAsync(group, [.. ReplyReader.Read(ReplyTo(message)).Replies.Select(Works.Reply)], cancellationToken);
        }
        await store.LoadAsync([id], cancellationToken);
        var view = RequestViews.Final(group.Find(id)!.Change!.After);
        JsonSerializer.SerializeToUtf8Bytes(view, MillraceJson.Options);
        return view;
    }

    private Task DecideAsync(OpenGroup group, IReadOnlyList<RequestWork> works, CancellationToken cancellationToken)
    {
        var batch = new WorkBatch(works);
        return preparer.DecideAsync(group, [.. works.Select(work => new QueuedWork(batch, work))], cancellationToken);
    }

    /// <summary>What a worker would answer that gives back what it gets.</summary>
    private static IncomingMessage ReplyTo(OutgoingMessage message) => new(
        Wire.ReplyQueue, "", Wire.ReplyQueue, message.Body.ToArray(), message.Properties, DeliveryCount: 0);
}

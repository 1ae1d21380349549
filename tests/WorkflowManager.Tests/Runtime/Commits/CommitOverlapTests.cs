using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime.Commits;

/// <summary>The law of commits that overlap, with a store that holds a commit back and then refuses it or forgets to answer.</summary>
public sealed class CommitOverlapTests
{
    private static readonly WorkflowDefinition Workflow = TestWorkflows.Chain("chain", "a");
    private static readonly WorkflowManagerOptions Options = new() { Name = "one", Workflows = [Workflow], ResendDelayMs = 20 };

    [Fact]
    public async Task While_one_group_is_saved_the_next_is_decided_and_then_saved_as_one()
    {
        await using var place = await Workplace.OpenAsync();
        var held = new HeldCommit(IdOf(0), commitsAtOnce: 1);
        await using var manager = await place.ManageAsync(Options, held.Failpoints);
        var first = manager.DoAsync(Accept(0));
        await held.BeginsAsync(manager.Token);
        using var decided = new SemaphoreSlim(0);
        var others = Enumerable.Range(1, 50).Select(post => manager.DoAsync(Accept(post, () => decided.Release()))).ToList();
        foreach (var _ in others)
            await decided.WaitAsync(manager.Token);
        Assert.DoesNotContain(others, other => other.IsCompleted);

        held.LetGo();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([1, 50], held.Begun.Take(2));
    }

    [Fact]
    public async Task Nothing_is_decided_about_a_request_while_it_is_saved_and_others_go_on()
    {
        await using var place = await Workplace.OpenAsync();
        var held = new HeldCommit(IdOf(0), commitsAtOnce: 4);
        await using var manager = await place.ManageAsync(Options, held.Failpoints);
        var accept = manager.DoAsync(Accept(0));
        await held.BeginsAsync(manager.Token);
        var isDecided = false;
        var behind = manager.DoAsync(Accept(0, () => isDecided = true));
        await manager.DoAsync(Accept(1));
        await manager.DoAsync(Works.Cancel(IdOf(1), "me"));

        Assert.Equal((false, false), (accept.IsCompleted, isDecided));

        held.LetGo();
        await Task.WhenAll(accept, behind);
        Assert.True(isDecided);
    }

    [Theory]
    [InlineData("None", 0)]
    [InlineData("CommitFails", 1)]
    [InlineData("CommitIsAmbiguous", 1)]
    public async Task What_waits_behind_a_commit_is_decided_by_what_is_stored_however_the_commit_ends(string fault, int strikes)
    {
        await using var place = await Workplace.OpenAsync();
        var held = new HeldCommit(IdOf(0), commitsAtOnce: 4, Enum.Parse<Fault>(fault));
        await using var manager = await place.ManageAsync(Options, held.Failpoints);
        var accept = manager.DoAsync(Accept(0));
        await held.BeginsAsync(manager.Token);
        var cancel = manager.DoAsync(Works.Cancel(IdOf(0), "me"));
        // Works are taken in their order: once this one is saved, the one before it waits behind the commit.
        await manager.DoAsync(Accept(1));

        held.LetGo();
        await Task.WhenAll(accept, cancel);

        Assert.Equal(strikes, held.Failpoints.Struck);
        Assert.Equal(
            ["accepted", "dispatched", "cancelled"], (await manager.TimelineAsync(IdOf(0))).Where(each => each.Step is null || each.Kind == "dispatched")
                .Select(each => each.Kind));
        var counts = await place.Store.Requests.CountAsync(manager.Token);
        Assert.Equal(1, counts.Single(count => count is { Step: "", Status: "cancelled" }).Count);
        Assert.Equal(1, counts.Single(count => count is { Step: "", Status: "running" }).Count);
    }

    [Fact]
    public async Task What_another_manager_saved_meanwhile_is_a_conflict_and_is_decided_again_with_all_that_waits_behind()
    {
        await using var place = await Workplace.OpenAsync();
        await using var otherStore = await place.OpenStoreAsync();
        var held = new HeldCommit(IdOf(1), commitsAtOnce: 4);
        await using var manager = await place.ManageAsync(Options, held.Failpoints);
        await using var other = await TestManager.StartAsync(place.Bus, otherStore, Options with { Name = "other" });
        await manager.DoAsync(Accept(0));
        var together = manager.DoAsync(Accept(1), Works.Cancel(IdOf(0), "this one"));
        await held.BeginsAsync(manager.Token);
        var behind = manager.DoAsync(Works.Redrive(IdOf(0), null, "me"));
        await manager.DoAsync(Accept(2));
        await other.DoAsync(Works.Cancel(IdOf(0), "the other"));

        held.LetGo();
        await Task.WhenAll(together, behind);

        var view = await manager.FindAsync(IdOf(0));
        Assert.Equal(("running", 2), (view!.Status, view.Steps[0].Attempt));
        Assert.Equal("the other", (await manager.TimelineAsync(IdOf(0))).Single(happened => happened.Kind == "cancelled").Detail);
        Assert.Equal("running", (await manager.FindAsync(IdOf(1)))!.Status);
    }

    private static Guid IdOf(int post) => RequestIds.ForKey("chain", $"at://{post}");

    private static RequestWork Accept(int post, Action? decided = null)
    {
        var birth = new RequestBirth(Workflow, IdOf(post), $"at://{post}", "{}"u8.ToArray(), Priority: null, TraceParent: null);
        return new RequestWork(birth.Id, (_, now) =>
        {
            decided?.Invoke();
            return birth.ToEvent(now);
        })
        { Birth = birth };
    }
}
